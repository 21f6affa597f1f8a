use super::LIST;
use crate::support::TestApp;

const KEY: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// N19: no secrets, and nothing that a spreadsheet would run.
/// ASVS 1.2.10, 5.4.1.
#[tokio::test]
async fn an_export_holds_no_secrets_and_no_formulas() {
    let app = TestApp::spawn().await;
    let mut browser = app.signed_in("owner.two").await;
    browser.get(&format!("{LIST}/import")).await;
    let file = format!(
        "upn,serial number,secret key,time interval,manufacturer,model\n,=1+2,{KEY},30,\"@SUM(A1,\"\"x\"\")\",+7\n"
    );
    let fields = [("action", "import")];
    let answer = browser.upload_in_console(&format!("{LIST}/import"), &fields, file.as_bytes()).await;
    assert_eq!(answer.status, 303);
    browser.get(LIST).await;
    let answer = browser.post_in_console(&format!("{LIST}/export"), &[("serial", ""), ("state", "")]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"hardware-tokens.csv\""));
    let lines: Vec<&str> = answer.body.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 8, "{}", answer.body);
    assert!(lines[0].starts_with("serial number,state,username,e-mail,"));
    let formula = lines.iter().find(|line| line.contains("1+2")).expect("the token");
    assert!(formula.starts_with("\"'=1+2\",available,,,\"'@SUM(A1,\"\"x\"\")\",\"'+7\",30,SHA1,"), "{formula}");
    let held = lines.iter().find(|line| line.contains(",token,")).expect("somebody's");
    assert!(held.contains(&format!("active,token,{}", app.email("token"))), "{held}");
    assert!(!answer.body.contains("JBSWY3DP"));
    assert!(app.people.people["token"].factors.values().all(|f| !answer.body.contains(f.key.as_ref().unwrap())));
    let narrowed = [("serial", "vt-2016"), ("state", "available")];
    let answer = browser.post_in_console(&format!("{LIST}/export"), &narrowed).await;
    assert_eq!(answer.body.lines().count(), 2);
    app.later(11 * 60);
    let answer = browser.post_in_console(&format!("{LIST}/export"), &narrowed).await;
    assert_eq!(answer.status, 303, "a factor just shown");
}

/// No page of the console shows a secret.
/// ASVS 14.2.6.
#[tokio::test]
async fn no_answer_ever_holds_a_secret() {
    let app = TestApp::spawn().await;
    let mut browser = app.at_token("VT-201501").await;
    let key = app.spare_key("VT-201501");
    let own = browser.path().to_owned();
    for path in [LIST.to_owned(), format!("{LIST}?state=available"), own, format!("{LIST}/import")] {
        browser.get(&path).await;
        assert_eq!(browser.status(), 200);
        assert!(!browser.answer.body.contains(&key), "{path}");
        assert!(!browser.answer.body.to_lowercase().contains(&key[..12].to_lowercase()), "{path}");
    }
}
