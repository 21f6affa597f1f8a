//! The rules of the house, read off the source: who may know whom, how long a file may be, and that
//! each handler asks for the guard its route declares.

use std::fs;
use std::path::{Path, PathBuf};

use vestibule::routes::{Guard, table};

/// What each module may name after `crate::`.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("main", &[]),
    ("cli", &["api", "app", "clock", "config", "db", "domain", "models", "outbox", "routes", "secrets", "web"]),
    ("app", &["clock", "config", "db", "domain", "error", "identity", "outbox", "routes", "secrets", "web"]),
    ("routes", &["pages", "api", "web"]),
    ("pages", &["clock", "db", "domain", "error", "identity", "models", "outbox", "pages", "secrets", "web"]),
    ("api", &["app", "clock", "db", "domain", "error", "identity", "models", "outbox", "api", "secrets", "web"]),
    ("web", &["app", "clock", "db", "domain", "error", "models", "secrets", "web"]),
    ("error", &["db"]),
    ("config", &["config", "db", "domain", "identity", "outbox", "secrets"]),
    ("domain", &["clock", "db", "domain", "identity", "models", "outbox", "secrets"]),
    ("identity", &["clock", "db", "domain", "identity", "models", "outbox", "secrets"]),
    ("outbox", &["clock", "db", "domain", "models", "outbox", "secrets"]),
    ("models", &["clock", "db", "models", "schema", "secrets"]),
    ("schema", &[]),
    ("db", &["db", "secrets"]),
    ("clock", &[]),
    ("secrets", &["secrets"]),
];

/// Where each of these crates may be named.
const MAY_USE: &[(&str, &[&str])] = &[
    ("diesel", &["db", "schema", "models"]),
    ("diesel_migrations", &["db"]),
    ("actix_web", &["app", "routes", "web", "pages", "api", "error"]),
    ("actix_session", &["app", "web"]),
    ("askama", &["pages", "web", "error", "outbox", "api"]),
    ("lettre", &["outbox"]),
    ("reqwest", &["outbox", "identity"]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap();
            let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (module, path, text)
        })
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file: no comments, and nothing that only tests have, wherever in the file it stands.
fn code(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut kept = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            // As rustfmt writes it, the item ends where a line of its own indentation does.
            let _ = lines.find(|end| indent(end) == indent(line) && end.ends_with([';', '}']));
        } else {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// The modules that stand after each `crate::`, alone or in a group.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let mut names: Vec<String> = Vec::new();
    for part in code.split("crate::").skip(1) {
        let Some(group) = part.strip_prefix('{') else {
            names.push(word(part));
            continue;
        };
        let mut depth = 0;
        names.push(word(group));
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => names.push(word(&group[at + 1..])),
                _ => {}
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The checker itself: tests at the top of a file hide nothing below them, and a group hides no module.
#[test]
fn the_house_looks_at_all_of_a_file() {
    let text = "#[cfg(test)]\nmod tests;\n\nuse crate::{\n    db::{Db, Fault},\n    web,\n};\n\n\
                #[cfg(test)]\nmod more {\n    use crate::cli;\n}\n\n// crate::api\nfn f() {\n    crate::pages::x();\n}\n";
    assert_eq!(named(&code(text)), ["db", "web", "pages"]);
}

/// A command whose output is closed goes on: `cli::print` sees to that, and tests print as they like.
#[test]
fn what_is_printed_goes_through_one_place() {
    for (_, path, text) in sources() {
        if path.ends_with("cli/print.rs")
            || path.components().any(|c| ["tests", "tests.rs"].iter().any(|t| c.as_os_str() == *t))
        {
            continue;
        }
        let code = code(&text);
        assert!(!code.contains("print!(") && !code.contains("println!("), "{}", path.display());
    }
}

#[test]
fn nobody_knows_whom_they_should_not() {
    let mut breaches = Vec::new();
    for (module, path, text) in sources() {
        if module == "lib" {
            continue;
        }
        let allowed = MAY_KNOW.iter().find(|(name, _)| *name == module).expect("every module has a line").1;
        for name in named(&code(&text)) {
            if !allowed.contains(&name.as_str()) && name != module {
                breaches.push(format!("{} knows {name}", path.display()));
            }
        }
        for (name, places) in MAY_USE {
            let named = code(&text).lines().any(|l| l.contains(&format!("{name}::")));
            if named && !places.contains(&module.as_str()) {
                breaches.push(format!("{} uses {name}", path.display()));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn pages_and_api_do_not_know_each_other() {
    for (module, path, text) in sources() {
        let other = match module.as_str() {
            "pages" => "crate::api",
            "api" => "crate::pages",
            _ => continue,
        };
        assert!(!code(&text).contains(other), "{}", path.display());
    }
}

/// The side list of the console leads to pages that are there.
#[test]
fn the_console_lists_pages_that_exist() {
    for url in vestibule::web::console::urls() {
        assert!(table().any(|route| route.path == url && route.method == "GET"), "{url}");
    }
}

#[test]
fn no_file_outgrows_its_room() {
    for (_, path, text) in sources() {
        assert!(text.lines().count() <= 400, "{} is too long", path.display());
    }
}

#[test]
fn only_the_clock_asks_for_the_time() {
    for (module, path, text) in sources() {
        if module != "clock" {
            let code = code(&text);
            assert!(!code.contains("now_utc()") && !code.contains("SystemTime::now"), "{}", path.display());
        }
    }
}

/// ASVS 6.3.4, 8.1.1, 8.2.1.
#[test]
fn each_handler_asks_for_the_guard_of_its_route() {
    for route in table() {
        let handler = route.handler.replace(' ', "").replace("scripts::", "api::sandbox::");
        let (module, function) = handler.rsplit_once("::").unwrap();
        let file = module.replace("::", "/");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let text = ["pages", "api", "web", ""]
            .iter()
            .find_map(|folder| fs::read_to_string(root.join(folder).join(format!("{file}.rs"))).ok())
            .unwrap_or_else(|| panic!("no file for {}", route.handler));
        let start = text.find(&format!("fn {function}(")).unwrap_or_else(|| panic!("no {}", route.handler));
        let signature = text[start..].split('{').next().unwrap();
        let names = |guard: &str| signature.contains(guard);
        let fits = match route.guard {
            Guard::Public | Guard::Operations => {
                !["SignedIn", "PendingSignIn", "SetUp", "Registering", "Enrolling", "AtTerms", "ChoosingPassword"]
                    .iter()
                    .any(|guard| names(guard))
            }
            Guard::Registering => names("Registering"),
            Guard::Enrolling => names("Enrolling"),
            Guard::Terms => names("AtTerms"),
            Guard::Sandbox => names("InSandbox") || names("Script"),
            Guard::Hook => names("Signed,"),
            // It gets no further than the log.
            Guard::Report => names("req: HttpRequest, body: web::Bytes"),
            Guard::Api => names(": ApiToken<"),
            Guard::Pending => names("PendingSignIn"),
            Guard::NewPassword => names("ChoosingPassword"),
            Guard::SignedIn => names("SignedIn"),
            Guard::Fresh => names(": Fresh"),
            Guard::OrgAdmin => names(": OrgAdmin"),
            Guard::FreshOrgAdmin => names(": FreshOrgAdmin"),
            Guard::OrgOwner => names(": OrgOwner"),
            Guard::FreshOrgOwner => names(": FreshOrgOwner"),
            Guard::FreshOperator => names(": FreshOperator"),
            Guard::SetUp => names("SetUp"),
            Guard::FactorDue => names("FactorDue"),
        };
        assert!(fits, "{} {} is declared {:?}, but: {signature}", route.method, route.path, route.guard);
        if route.method != "GET" && ![Guard::Hook, Guard::Api, Guard::Report].contains(&route.guard) && !names("Script")
        {
            assert!(!route.guard.is_console() || names("OrgForm"), "{} does not look at the organization", route.path);
            assert!(
                ["Form(", "Form<", "FormHere<"].into_iter().any(&names),
                "{} takes a POST without the token's check",
                route.path
            );
        }
    }
}
