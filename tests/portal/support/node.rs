//! One more node on the database of a portal that runs already.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use vestibule::app::App;
use vestibule::routes;

use super::app::{Routes, TestApp, serve};

/// Has the same configuration and keys, and a port of its own; ends when dropped, before the first.
pub struct Node {
    pub base: String,
    stop: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Node {
    pub async fn beside(first: &TestApp) -> Self {
        Self::with(first, routes::configure).await
    }

    /// The same with other addresses.
    pub async fn with(first: &TestApp, routes: Routes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket that does not block");
        let base = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let app = Arc::new(App::build(first.app.config.clone()).expect("the node is built"));
        app.sample_people().await.expect("the people are there already");
        let (stop, thread) = serve(app, listener, routes).await;
        Self { base, stop, thread: Some(thread) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.stop.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.expect("the server's thread does not panic");
            }
        }
    }
}
