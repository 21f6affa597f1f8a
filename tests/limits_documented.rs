//! docs/limits.md names every constant of `domain::limits` and of the passwords, with its value
//! (ASVS 6.1.1, 7.1.1). The values are read off the source, where a new constant cannot hide.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use vestibule::domain::limits;

const LIMITS: &str = "src/domain/limits.rs";
/// Here the public constants must be documented; the private ones may be.
const PASSWORDS: [&str; 4] = [
    "src/domain/password.rs",
    "src/domain/password/policy.rs",
    "src/domain/password/stored.rs",
    "src/domain/password/hasher.rs",
];

/// A constant or a documented value: one number or a row of them; times in seconds.
#[derive(Clone, Debug, PartialEq)]
struct Value {
    numbers: Vec<i64>,
    is_time: bool,
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file)
}

/// The constants of a source file, by name; `None` for a value that is neither number nor time.
fn constants(source: &str, public_only: bool) -> BTreeMap<String, Option<Value>> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut found = BTreeMap::new();
    for statement in code.split(';').flat_map(|part| part.split('}')) {
        // An array's type holds a `;` of its own: "[Duration; 4] = […]" comes in two parts.
        let Some((head, rest)) = statement.split_once("const ") else { continue };
        if public_only && !head.trim_end().ends_with("pub") {
            continue;
        }
        let Some((name, rest)) = rest.split_once(':') else { continue };
        let value = match rest.split_once('=') {
            Some((_, value)) => evaluate(value),
            None => code.split_once(&format!("const {name}:")).and_then(|(_, rest)| {
                let array = rest.split_once('=')?.1.split_once(';')?.0;
                evaluate(array)
            }),
        };
        found.insert(name.trim().to_owned(), value);
    }
    found
}

/// Evaluates `5`, `19_456`, `64 * 1024`, `1 << 20`, `Duration::minutes(10)` and arrays of those.
fn evaluate(expression: &str) -> Option<Value> {
    let expression = expression.trim();
    if let Some(inner) = expression.strip_prefix('[').and_then(|e| e.strip_suffix(']')) {
        let parts: Option<Vec<Value>> = inner.split(',').filter(|p| !p.trim().is_empty()).map(evaluate).collect();
        let parts = parts?;
        let is_time = parts.first()?.is_time;
        return Some(Value { numbers: parts.into_iter().flat_map(|p| p.numbers).collect(), is_time });
    }
    if let Some((call, argument)) = expression.split_once('(') {
        let unit = match call.rsplit("::").next()? {
            "seconds" | "from_secs" => 1,
            "minutes" => 60,
            "hours" => 3_600,
            "days" => 86_400,
            _ => return None,
        };
        let number = evaluate(argument.strip_suffix(')')?)?;
        return Some(Value { numbers: vec![number.numbers.first()? * unit], is_time: true });
    }
    let product: Option<i64> = expression.split('*').map(|f| f.trim().replace('_', "").parse::<i64>().ok()).product();
    Some(Value { numbers: vec![product?], is_time: false })
}

/// The rows of the page whose first column is a name in backticks.
fn documented(page: &str) -> Vec<(String, String)> {
    page.lines()
        .filter_map(|line| {
            let mut columns = line.strip_prefix('|')?.split('|').map(str::trim);
            let name = columns.next()?.strip_prefix('`')?.strip_suffix('`')?;
            Some((name.to_owned(), columns.next()?.to_owned()))
        })
        .collect()
}

/// Reads `5`, `10 minutes`, `64 KiB`, `30 seconds, 60 seconds`.
fn written(text: &str) -> Option<Value> {
    let mut value = Value { numbers: Vec::new(), is_time: false };
    for part in text.split(',') {
        let mut words = part.split_whitespace();
        let number: i64 = words.next()?.parse().ok()?;
        let unit = words.next().unwrap_or_default();
        let times = match unit.trim_end_matches('s') {
            "" | "byte" => 1,
            "KiB" => 1_024,
            "MiB" => 1_048_576,
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return None,
        };
        value.is_time = matches!(unit.trim_end_matches('s'), "second" | "minute" | "hour" | "day");
        value.numbers.push(number * times);
    }
    Some(value)
}

/// ASVS 2.1.3, 6.1.1, 7.1.1, 7.1.2.
#[test]
fn the_page_on_limits_says_what_the_program_does() {
    let page = documented(&read("docs/limits.md"));
    let limits = constants(&read(LIMITS), true);
    let mut all = limits.clone();
    let mut must: Vec<String> = limits.into_keys().collect();
    for file in PASSWORDS {
        let source = read(file);
        must.extend(constants(&source, true).into_keys());
        all.extend(constants(&source, false));
    }
    let mut wrong = Vec::new();
    for name in &must {
        match page.iter().filter(|(n, _)| n == name).count() {
            1 => {}
            0 => wrong.push(format!("{name} is not on the page")),
            n => wrong.push(format!("{name} is on the page {n} times")),
        }
    }
    for (name, text) in &page {
        let (Some(constant), Some(said)) = (all.get(name), written(text)) else {
            wrong.push(format!("{name} = {text}: there is no such constant, or the value is not readable"));
            continue;
        };
        let Some(is) = constant else {
            wrong.push(format!("{name}: its value in the source is not understood"));
            continue;
        };
        // A time may stand as a number of seconds in the source, never as a bare number on the page.
        if said.numbers != is.numbers || (is.is_time && !said.is_time) {
            wrong.push(format!("{name}: the page says {text}, the program {:?}", is.numbers));
        }
    }
    assert!(wrong.is_empty(), "docs/limits.md: {wrong:#?}");
}

#[test]
fn values_are_read_off_the_source_as_the_compiler_does() {
    let read = constants(&read(LIMITS), true);
    let one = |name: &str| read[name].as_ref().map(|v| v.numbers.clone()).unwrap_or_default();
    assert!(read.len() > 40, "{} constants", read.len());
    assert_eq!(one("SESSION_ID_LENGTH"), [limits::SESSION_ID_LENGTH as i64]);
    assert_eq!(one("REMEMBER_ME"), [limits::REMEMBER_ME.whole_seconds()]);
    assert_eq!(one("KNOWN_DEVICE"), [limits::KNOWN_DEVICE.whole_seconds()]);
    assert_eq!(one("SECOND_STEP_PAUSE"), [limits::SECOND_STEP_PAUSE.whole_seconds()]);
    assert_eq!(one("PHONE_GAPS"), limits::PHONE_GAPS.map(time::Duration::whole_seconds));
    assert_eq!(one("FORM_BYTES"), [limits::FORM_BYTES as i64]);
    assert_eq!(one("HAND_OVER_WAIT"), [limits::HAND_OVER_WAIT.as_secs() as i64]);
}

#[test]
fn a_value_reads_alike_in_both_languages() {
    for (source, page) in [
        ("5", "5"),
        ("19_456", "19456"),
        ("64 * 1024", "64 KiB"),
        ("Duration::minutes(10)", "10 minutes"),
        ("std::time::Duration::from_secs(2)", "2 seconds"),
        ("[Duration::seconds(30), Duration::seconds(60)]", "30 seconds, 60 seconds"),
    ] {
        assert_eq!(evaluate(source), written(page), "{source}");
    }
    assert_eq!(evaluate("Duration::seconds(300)"), written("5 minutes"));
    assert_ne!(evaluate("Duration::seconds(300)"), written("5"));
    assert_eq!(written("soon"), None);
    assert_eq!(evaluate("\"text\""), None);
}
