use vestibule::models::hardware_tokens::secret_place;
use vestibule::models::{FactorState, outbox_messages};

use super::LIST;
use crate::support::browser::Answer;
use crate::support::{Browser, TestApp};

const HEAD: &str = "upn,serial number,secret key,time interval,manufacturer,model";
const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const IMPORT: &str = "/admin/hardware-tokens/import";

async fn importer(app: &TestApp) -> Browser {
    let mut browser = app.signed_in("owner.two").await;
    browser.get(IMPORT).await;
    browser.must_be_at(IMPORT).must_say("Choose a file");
    browser
}

/// Row and message of every error on a page.
fn errors(answer: &Answer) -> Vec<(String, String)> {
    let cells = answer.page().texts(".table tbody td");
    cells.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

/// A file with nothing below its first row is no import of nothing.
#[tokio::test]
async fn a_file_with_a_head_alone_is_an_error() {
    let app = TestApp::spawn().await;
    let mut browser = importer(&app).await;
    for action in ["dry_run", "import"] {
        let answer = browser.upload_in_console(IMPORT, &[("action", action)], format!("{HEAD}\r\n").as_bytes()).await;
        assert_eq!(answer.status, 422, "{action}");
        assert!(answer.body.contains("nothing below it") && !answer.body.contains("can be imported"));
    }
}

/// N20: every error by its row, and nothing saved, by a dry run and by an import alike.
#[tokio::test]
async fn every_error_is_listed_by_its_row_and_nothing_is_saved() {
    let app = TestApp::spawn().await;
    let before = app.tokens_of("harbor_valley").await;
    let mut browser = importer(&app).await;
    let file = [
        "\u{feff}UPN,serial number,secret key,time interval,manufacturer,model".to_owned(),
        format!(",N1,{KEY},30,Feitian,c200"),
        format!(",n1,{KEY},30,Feitian,c200"),
        format!(",VT-201501,{KEY},30,Feitian,c200"),
        ",N2,JBSWY3DPEHPK3PXP0189,30,Feitian,c200".into(),
        ",N3,JBSWY3DP,30,Feitian,c200".into(),
        format!(",N4,{},30,Feitian,c200", KEY.repeat(5)),
        format!(",N5,{KEY},45,Feitian,c200"),
        format!("nobody@nowhere.example,N6,{KEY},30,Feitian,c200"),
        format!("khollis,N7,{KEY},30,Feitian,c200"),
        format!(",N8,{KEY},30,Feitian"),
        format!(",N9,{KEY},30,Fei\"tian,c200"),
        format!(",,{KEY},30,Feitian,c200"),
        ",N10,,30,Feitian,c200".into(),
        format!("disabled,N11,{KEY},30,Feitian,c200"),
        format!(",N12,{KEY},30,{},c200", "x".repeat(5_000)),
    ]
    .join("\r\n");
    for action in ["dry_run", "import"] {
        let answer = browser.upload_in_console(IMPORT, &[("action", action)], file.as_bytes()).await;
        assert_eq!(answer.status, 200);
        let found = errors(&answer);
        let expected = [
            ("3", "stands in row 2 already"),
            ("4", "is in the inventory already"),
            ("5", "not in base32"),
            ("6", "shorter than 128 bits"),
            ("7", "longer than 128 characters"),
            ("8", "must be 30 or 60"),
            ("9", "No user of this organization"),
            ("10", "No user of this organization"),
            ("11", "There are 5 columns"),
            ("12", "A quote is out of place"),
            ("13", "The serial number is missing"),
            ("14", "The secret key is missing"),
            ("15", "account is disabled"),
            ("16", "longer than 4 KiB"),
        ];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((row, text), (expected_row, words)) in found.iter().zip(expected) {
            assert!(row == expected_row && text.contains(words), "{row} {text}, not {expected_row} {words}");
        }
        assert!(answer.body.contains("Nothing was saved."));
        assert!(!answer.body.contains("JBSWY3DP"), "a secret on the page");
        assert_eq!(app.tokens_of("harbor_valley").await, before);
    }
}

/// ASVS 5.2.1, 5.2.2: 3 MiB, 6,000 rows, UTF-16, an archive; 4xx and nothing saved.
#[tokio::test]
async fn what_is_too_much_or_no_text_is_refused() {
    let app = TestApp::spawn().await;
    let before = app.tokens_of("harbor_valley").await;
    let mut browser = importer(&app).await;
    let row = format!(",N,{KEY},30,a,b\n");
    let many: String = (0..5_001).map(|n| format!(",N{n},{KEY},30,a,b\n")).collect();
    let utf16: Vec<u8> = format!("{HEAD}\n{row}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (file, status, words) in [
        (vec![b'x'; 3 * 1024 * 1024], 413, "larger than 2 MiB"),
        (format!("{HEAD}\n{many}").into_bytes(), 422, "more than 5,000 rows"),
        ([&[0xff, 0xfe], utf16.as_slice()].concat(), 422, "UTF-16"),
        (utf16, 422, "UTF-16"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00".to_vec(), 422, "no text in UTF-8"),
        (b" \r\n".to_vec(), 422, "The file is empty."),
    ] {
        for action in ["dry_run", "import"] {
            let answer = browser.upload_in_console(IMPORT, &[("action", action)], &file).await;
            assert_eq!(answer.status, status, "{words}");
            assert!(answer.body.contains(words), "{words}: {}", answer.page().text());
        }
    }
    let answer = browser.upload_in_console(IMPORT, &[("action", "import")], b"").await;
    assert!(answer.body.contains("Choose a file."));
    let answer = browser.upload_in_console(IMPORT, &[("action", "import")], b"serial,key\n1,2\n").await;
    assert!(errors(&answer)[0].1.contains(HEAD), "{:?}", errors(&answer));
    assert_eq!(app.tokens_of("harbor_valley").await, before);
}

#[tokio::test]
async fn an_import_saves_every_token_and_tells_who_got_one() {
    let app = TestApp::spawn().await;
    let mut browser = importer(&app).await;
    let email = app.email("phone.only").to_uppercase();
    let file = format!(
        "{HEAD},algorithm\r\nmember.none,E1,{KEY},30,Feitian,\"c200, black\",\r\n{email},E2,{},60,Feitian,c200,SHA256\r\n\
         \r\n,E3,{},30,=cmd,c200,sha-1\r\n",
        KEY.to_lowercase(),
        KEY[..26].to_owned() + "======"
    );
    let answer = browser.upload_in_console(IMPORT, &[("action", "import")], file.as_bytes()).await;
    assert_eq!((answer.status, answer.location()), (303, Some(LIST)));
    browser.get(LIST).await;
    browser.must_say("The tokens were imported.").must_say("E1").must_say("Carla Esposito");
    let (one, held) = app.token("E1").await;
    let held = held.expect("it is assigned");
    assert_eq!((held.state, held.user_id), (FactorState::Pending, app.user_id("member.none")));
    assert_eq!((one.algorithm.as_str(), one.period, one.model.as_str()), ("SHA1", 30, "c200, black"));
    let (two, _) = app.token("E2").await;
    assert_eq!((two.algorithm.as_str(), two.period), ("SHA256", 60));
    assert!(app.token("E3").await.1.is_none());
    assert_eq!(app.count_of("member.none", "hardware_token_assigned").await, 1);
    assert_eq!(app.count_of("phone.only", "hardware_token_assigned").await, 1);
    assert_eq!(app.audited("phone.only", "hardware_token_assigned", "success").await, 1);
    // At rest, the secret opens for its own row only. ASVS 11.3.3.
    let keys = &app.app.core.keys;
    let secret = keys.open(&secret_place(&one.id), &one.secret_key_id, &one.secret).expect("it opens");
    assert_eq!(data_encoding::BASE32_NOPAD.encode(&secret), KEY);
    assert!(keys.open(&secret_place(&two.id), &one.secret_key_id, &one.secret).is_err());
}

/// What a dry run has found good is imported without being chosen again, and nobody can read it off
/// the page.
#[tokio::test]
async fn a_dry_run_leads_on_to_the_import() {
    let app = TestApp::spawn().await;
    let mut browser = importer(&app).await;
    let file = format!("{HEAD}\n,D1,{KEY},30,a,b\nmember.none,D2,{KEY},60,a,b\n");
    let fields = [("action", "dry_run"), ("algorithm", "SHA256")];
    let answer = browser.upload_in_console(IMPORT, &fields, file.as_bytes()).await;
    let page = answer.page();
    assert!(page.text().contains("2 tokens: 1 for the inventory, 1 assigned. Nothing was saved yet."));
    assert!(app.token_in("harbor_valley", "D1").await.is_none());
    assert!(!answer.body.contains(KEY) && !answer.body.contains("D1,"));
    let sealed = page.attribute("input[name=sealed]", "value").expect("the file, sealed");
    // Somebody else, and another organization, can do nothing with it.
    let mut other = app.signed_in("khollis").await;
    other.get(IMPORT).await;
    let stolen = [("action", "import"), ("sealed", sealed.as_str())];
    let refused = other.upload_in_console(IMPORT, &stolen, b"").await;
    assert!(refused.body.contains("Choose the file again."), "{}", refused.page().text());
    let answer = browser.upload_in_console(IMPORT, &stolen, b"").await;
    assert_eq!(answer.location(), Some(LIST));
    assert_eq!(app.token("D1").await.0.algorithm, "SHA256");
    assert!(app.token("D2").await.1.is_some());
    // Twice is once: the second finds the serial numbers there.
    let again = browser.upload_in_console(IMPORT, &stolen, b"").await;
    assert_eq!(errors(&again).len(), 2);
}

/// A role is compared with the highest the target holds.
#[tokio::test]
async fn nobody_gets_a_token_from_somebody_below() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("admin").await;
    browser.get(IMPORT).await;
    let file = format!("{HEAD}\nowner.one,H1,{KEY},30,a,b\nmember.none,H2,{KEY},30,a,b\n");
    let answer = browser.upload_in_console(IMPORT, &[("action", "import")], file.as_bytes()).await;
    let expected = ("2".to_owned(), "This user's role is higher than yours.".to_owned());
    assert_eq!(errors(&answer), [expected]);
}

#[tokio::test]
async fn a_file_is_taken_from_our_own_form_only() {
    let app = TestApp::spawn().await;
    let mut browser = importer(&app).await;
    let answer = browser.post_in_console(IMPORT, &[("action", "import")]).await;
    assert_eq!(answer.status, 415);
    let file = format!("{HEAD}\n,F1,{KEY},30,a,b\n");
    let answer = browser.upload_in_console(IMPORT, &[("action", "import"), ("role", "owner")], file.as_bytes()).await;
    assert_eq!(answer.status, 400, "a field that is not expected");
    let mut stranger = browser.clone();
    stranger.get("/login").await;
    let answer = stranger.upload_in_console(IMPORT, &[("action", "import")], file.as_bytes()).await;
    assert!(answer.status == 403 || answer.status == 409, "{}", answer.status);
    assert!(app.token_in("harbor_valley", "F1").await.is_none());
    let told = app.read(|conn| Ok(outbox_messages::list_sealed_otherwise(conn, "no key", "", 1_000)?)).await;
    assert!(told.iter().all(|row| !row.kind.starts_with("hardware_token")));
}
