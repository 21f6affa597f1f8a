//! An authenticator set up from the picture of its QR code, as a phone's camera sees it.

use std::process::Command;

use vestibule::clock::unix;

use super::chromium::{Chromium, Hands};
use super::entering::password;
use super::looks::{DESK, Look};
use crate::support::app::TestApp;

fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// U4 and the way a real phone takes: zbar reads the QR code off the screen, oathtool makes the code.
#[tokio::test]
#[ignore = "needs Chromium, its driver, zbarimg and oathtool (Debian: zbar-tools, oathtool)"]
async fn browser_an_authenticator_is_set_up_from_its_picture() {
    let app = TestApp::spawn().await;
    for dark in [false, true] {
        let page = Chromium::open_with(&app.base, Look { dark, ..DESK }, Hands::Mouse).await;
        password(&page, &app, "Login with Phone", "member.none").await;
        page.must_be_at("/home").await;
        page.go("/security/authenticator").await;
        page.click("Show QR code").await;
        page.must_see("Scan the QR code with the app").await;
        let picture = tempfile::Builder::new().suffix(".png").tempfile().expect("a file");
        let png = page.driver.screenshot_as_png().await.expect("a picture");
        std::fs::write(picture.path(), png).expect("the picture is kept");
        let read = printed(Command::new("zbarimg").args(["--quiet", "--raw"]).arg(picture.path()));
        let link = url::Url::parse(&read).unwrap_or_else(|e| panic!("zbar read {read:?}: {e}"));
        let value = |name: &str| link.query_pairs().find(|(key, _)| key == name).map(|(_, v)| v.into_owned());
        let key: String = page.text_of("#totp-key").await.split_whitespace().collect();
        assert_eq!((link.scheme(), link.host_str()), ("otpauth", Some("totp")));
        assert_eq!(value("secret"), Some(key.clone()));
        assert_eq!(value("issuer").as_deref(), Some("Vestibule demo"));
        let account = link.path().rsplit(':').next().expect("an account").replace("%40", "@").replace("%3A", "");
        assert!(account.ends_with(&app.email("member.none")), "{account}");
        if dark {
            page.close().await;
            continue;
        }
        let at = format!("@{}", unix(app.app.core.clock.now()));
        let code = printed(Command::new("oathtool").args(["--totp", "--base32", "--now", &at]).arg(&key));
        page.fill("One-time code", &code).await;
        page.fill("Device name", "Phone in a drawer").await;
        page.click("Save").await;
        page.must_see("Save your recovery codes").await;
        page.must_be_fine().await;
        page.close().await;
        app.later(60);
        let id = app.user_id("member.none");
        app.sql(format!("DELETE FROM factors WHERE user_id = '{id}'")).await;
    }
}
