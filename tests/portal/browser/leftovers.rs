//! A walk that fails leaves no browser behind.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::chromium::Chromium;
use super::chromium::driver::using;
use crate::support::TestApp;

#[tokio::test]
#[ignore = "needs Chromium and its driver"]
async fn browser_that_fails_takes_its_processes_along() {
    let app = TestApp::spawn().await;
    let profile: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let (base, seen) = (app.base.clone(), profile.clone());
    let failed = tokio::spawn(async move {
        let page = Chromium::open(&base).await;
        page.go("/login").await;
        *seen.lock().expect("nobody panics holding it") = Some(page.profile.path().to_owned());
        assert!(!using(page.profile.path()).is_empty(), "a browser is at work");
        panic!("a walk that fails");
    })
    .await;
    assert!(failed.is_err_and(|error| error.is_panic()));
    let profile = profile.lock().expect("nobody panics holding it").clone().expect("the browser was open");
    let left = using(&profile);
    assert!(left.is_empty(), "still running: {left:?}");
}
