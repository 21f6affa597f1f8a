//! Browsers report breaches of the content policy. ASVS 3.4.7.

use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use crate::support::TestApp;

/// How many breaches of a directive were counted; by all servers of this process.
async fn counted(app: &TestApp, directive: &str) -> u64 {
    let text = app.browser().get_only("/metrics").await.body;
    let line = format!("vestibule_csp_reports_total{{directive=\"{directive}\"}} ");
    text.lines().find_map(|l| l.strip_prefix(&line)).map_or(0, |n| n.parse().expect("a number"))
}

async fn post(app: &TestApp, content_type: &str, body: String) -> u16 {
    let url = format!("{}/csp-reports", app.base);
    let client = reqwest::Client::new();
    client.post(url).header(CONTENT_TYPE, content_type).body(body).send().await.expect("an answer").status().as_u16()
}

/// In the form of both generations of browsers; what else a browser reports, or an odd report, hides none.
/// ASVS 3.4.7.
#[tokio::test]
async fn a_breach_is_counted() {
    let app = TestApp::spawn().await;
    let before = (counted(&app, "frame-src").await, counted(&app, "media-src").await, counted(&app, "other").await);
    let report = |directive: &str, blocked: serde_json::Value| {
        json!({"type": "csp-violation", "age": 3, "url": "http://localhost/links/a-secret", "user_agent": "Mozilla/5.0",
            "body": {"effectiveDirective": directive, "blockedURL": blocked, "disposition": "enforce"}})
    };
    let reports = json!([
        {"type": "csp-violation"},
        report("frame-src", json!("https://evil.example/a?secret=1")),
        {"type": "deprecation", "body": {"id": "x"}},
        7,
        report("frame-src", json!(null)),
        report("x\ny\"} 7", json!("inline")),
    ]);
    assert_eq!(post(&app, "application/reports+json", reports.to_string()).await, 204);
    // As Firefox posts it.
    let older = json!({"csp-report": {
        "blocked-uri": "inline", "column-number": 1, "disposition": "enforce", "document-uri": "http://localhost/login",
        "effective-directive": "media-src", "line-number": 1, "original-policy": "media-src 'self'", "referrer": "",
        "status-code": 200, "violated-directive": "media-src"}});
    assert_eq!(post(&app, "application/csp-report; charset=utf-8", older.to_string()).await, 204);
    let oldest = json!({"csp-report": {"violated-directive": "media-src 'self'", "blocked-uri": "inline"}});
    assert_eq!(post(&app, "application/csp-report", oldest.to_string()).await, 204);
    let after = (counted(&app, "frame-src").await, counted(&app, "media-src").await, counted(&app, "other").await);
    assert_eq!(after, (before.0 + 2, before.1 + 2, before.2 + 1));
}

/// Who frames a page of ours is another site, and the report comes from there.
#[tokio::test]
async fn a_report_from_another_site_is_taken() {
    let app = TestApp::spawn().await;
    let report =
        json!({"csp-report": {"effective-directive": "frame-ancestors", "blocked-uri": "https://evil.example"}});
    let client = reqwest::Client::new();
    let post = client.post(format!("{}/csp-reports", app.base)).header(CONTENT_TYPE, "application/csp-report");
    let answer = post.header("Sec-Fetch-Site", "cross-site").body(report.to_string()).send().await.expect("an answer");
    assert_eq!(answer.status(), 204);
}

/// Anybody can post there.
#[tokio::test]
async fn what_is_no_report_is_refused() {
    let app = TestApp::spawn().await;
    for (status, content_type, body) in [
        (400, "application/reports+json", "{}".to_owned()),
        (400, "application/csp-report", "{\"csp-report\":{\"effective-directive\":1}}".to_owned()),
        (400, "application/csp-report", "[".repeat(10_000)),
        (415, "text/plain", "{}".to_owned()),
        (413, "application/csp-report", " ".repeat(200_000)),
    ] {
        assert_eq!(post(&app, content_type, body).await, status, "{content_type}");
    }
}
