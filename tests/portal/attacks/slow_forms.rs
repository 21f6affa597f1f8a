//! A form whose body comes long after its head: what ended meanwhile is ended for it too.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Browser, TestApp};

/// A POST that has begun: its head and the first bytes of its body are there.
struct Begun {
    stream: TcpStream,
    rest: String,
}

fn begin(app: &TestApp, browser: &Browser, path: &str) -> Begun {
    let organization = browser.page().attribute("input[name=organization_id]", "value").expect("the organization");
    let body = format!("csrf={}&organization_id={organization}", browser.token());
    let host = app.base.trim_start_matches("http://");
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: vestibule={}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        app.base,
        browser.cookie("vestibule").expect("a session"),
        body.len()
    );
    let mut stream = TcpStream::connect(host).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
    let (first, rest) = body.split_at(5);
    stream.write_all(format!("{head}{first}").as_bytes()).expect("it is taken");
    Begun { stream, rest: rest.to_owned() }
}

impl Begun {
    /// Sends the rest; the address the answer leads to.
    fn finish(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).expect("it is taken");
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).expect("an answer");
        let location = answer.lines().find_map(|line| line.strip_prefix("location: ").map(str::to_owned));
        location.unwrap_or_else(|| panic!("no way on: {answer}"))
    }
}

/// ASVS 7.4.1.
#[tokio::test]
async fn a_form_that_outlives_its_session_does_nothing() {
    let app = TestApp::spawn().await;
    let page = format!("/admin/users/{}", app.user_id("member.none"));
    let path = format!("{page}/sign-out");
    for ends in [false, true] {
        let mut member = app.signed_in("member.none").await;
        let mut admin = app.signed_in("admin").await;
        admin.get(&page).await;
        let begun = begin(&app, &admin, &path);
        // As long as it takes for the head to be judged, and not to count as one with the body.
        tokio::time::sleep(Duration::from_millis(600)).await;
        if ends {
            admin.click("Sign out").await;
        }
        let leads_to = begun.finish();
        assert_eq!(leads_to == "/login", ends, "{leads_to}");
        assert_eq!(member.get_only("/home").await.status == 200, ends, "signed out by an act of a live session alone");
    }
}
