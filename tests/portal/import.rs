//! Files of people: looked through first, and nothing but text gets in. Their way out again.

use crate::support::{Browser, TestApp};

const HEAD: &str = "email,username,first_name,last_name,role\r\n";

async fn look(browser: &mut Browser, file: &[u8]) -> u16 {
    browser.get("/admin/users/import").await;
    browser.must_be_at("/admin/users/import");
    browser.upload("/admin/users/import", &[], Some(file)).await.status
}

/// Errors are told by the row's number; nobody is added as long as there is one.
#[tokio::test]
async fn a_dry_run_names_each_row() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    let (here, elsewhere) = (app.email("phone.only"), app.email("khollis"));
    let file = format!(
        "{HEAD}a@harborvalley.example,good.one,Ann,Good,\r\n\
         nonsense,good.two,Bea,Bad,\r\n\
         c@harborvalley.example,phone.only,Cy,Taken,\r\n\
         {here},some.body,Marcus,Tran,\r\n\
         {elsewhere},k.hollis,Kendra,Elsewhere,member\r\n\
         A@harborvalley.example,good.six,Dee,Twice,\r\n\
         f@harborvalley.example,good.seven,Eve,Role,owner\r\n\
         g@harborvalley.example,good.eight,\"Fay,Quotes,\r\n"
    );
    assert_eq!(look(&mut admin, file.as_bytes()).await, 200);
    admin.must_say("Nobody was added.").must_say("Enter an email address").must_say("This username is taken.");
    admin.must_say("The same as in row 2.").must_say("Only an account holder may give another role").must_say("quotes");
    let rows = admin.page().texts("tbody .num");
    assert_eq!(rows, ["3", "4", "7", "8", "9"]);
    admin.must_say("In this organization already: 1");
    // The address of somebody elsewhere looks like any other.
    admin.must_say("2 users could be added.");
    assert!(!admin.page().has("input[name=sealed]"));
    assert!(app.user("good.one").await.is_none());
}

/// ASVS 5.2.1, 5.2.2: size, rows, cells, encoding, no archives; nothing of such a file is kept.
/// ASVS 6.4.6.
#[tokio::test]
async fn only_a_small_file_of_text_is_looked_at() {
    let app = TestApp::spawn().await;
    let mut admin = app.signed_in("admin").await;
    assert_eq!(look(&mut admin, &vec![b'x'; 3 * 1024 * 1024]).await, 413);
    let many: String = (0..6_000).map(|n| format!("n{n}@x.example,n.{n},N,M,\r\n")).collect();
    assert_eq!(look(&mut admin, format!("{HEAD}{many}").as_bytes()).await, 422);
    admin.must_say("more than 5,000 rows");
    let utf16: Vec<u8> = format!("\u{feff}{HEAD}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(look(&mut admin, &utf16).await, 422);
    admin.must_say("UTF-16");
    assert_eq!(look(&mut admin, b"PK\x03\x04\x14\x00\x08\x00").await, 422);
    admin.must_say("no text in UTF-8");
    look(&mut admin, b"").await;
    admin.must_say("Choose a CSV file.");
    let long = format!("{HEAD}a@x.example,a.b.c,{},B,\r\n", "x".repeat(4_097));
    look(&mut admin, long.as_bytes()).await;
    admin.must_say("longer than 4 KiB");
    // ASVS 6.2.4, 6.4.6: nobody's password is imported.
    look(&mut admin, b"email,username,first_name,last_name,password\na@x.example,a.b.c,A,B,password123456\n").await;
    admin.must_say("there is no column “password”");
    look(&mut admin, b"email,first_name,last_name\na@x.example,A,B\n").await;
    admin.must_say("the column “username” is missing");
    assert!(app.user("a.b.c").await.is_none() && app.user("n.1").await.is_none());
    // A file that was looked through comes back as it was, by the same person.
    look(&mut admin, format!("{HEAD}a@x.example,a.b.c,A,B,\r\n").as_bytes()).await;
    let sealed = admin.page().attribute("input[name=sealed]", "value").expect("the file");
    let mut other = app.signed_in("owner.one").await;
    other.get("/admin/users/import").await;
    other.upload("/admin/users/import/start", &[("sealed", &sealed)], None).await;
    other.must_say("Something has changed since the file was looked through.");
    admin.upload("/admin/users/import/start", &[("sealed", &format!("{sealed}x"))], None).await;
    admin.must_say("Something has changed since the file was looked through.");
}

/// N19, ASVS 1.2.10: the export has no secrets and no formulas, and wants a fresh factor.
/// ASVS 5.4.1, 7.5.3.
#[tokio::test]
async fn an_export_holds_no_secrets_and_no_formulas() {
    let app = TestApp::spawn().await;
    let id = app.user_id("phone.only");
    app.sql(format!("UPDATE users SET first_name = '=cmd|'' /C calc''!A0', last_name = '@SUM(1)' WHERE id = '{id}'"))
        .await;
    let mut admin = app.signed_in("admin").await;
    admin.get("/admin/users/export").await;
    let organization = app.organization_id("harbor_valley");
    let fields = [("organization_id", organization.as_str())];
    let answer = admin.post_only("/admin/users/export", &fields).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.body.starts_with("user_id,username,email,first_name,last_name,role,account,mfa_status"));
    let line = answer.body.lines().find(|line| line.contains("phone.only")).expect("a row");
    assert!(line.contains("\"'=cmd|") && line.contains("'@SUM(1)"), "{line}");
    assert!(answer.body.contains("two.orgs") && !answer.body.contains("khollis"));
    for secret in ["argon2", "+1601", "otpauth"] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
    app.later(11 * 60);
    let late = admin.post_only("/admin/users/export", &fields).await;
    assert!(late.location().is_some_and(|to| to.starts_with("/security/confirm")), "{}", late.status);
}
