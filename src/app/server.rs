//! The HTTP server: middleware from the outside in, limits, TLS, the end.

use std::io;
use std::net::TcpListener;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_session::SessionMiddleware;
use actix_session::config::{BrowserSession, CookieContentSecurity};
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as Application, HttpServer, web};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::limits::limits;
use super::{App, Stopping};
use crate::domain::limits::{HEAD_WITHIN, JSON_BYTES, LAST_REQUESTS};
use crate::error::AppError;
use crate::routes;
use crate::web::cookies::{SESSION, full_name};
use crate::web::finish::finish;
use crate::web::form::FORM_ON_THE_WIRE;
use crate::web::session::{self, Store};

/// An idle connection is closed after this.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Connections per worker; beyond them new ones wait in the system's queue.
const CONNECTIONS: usize = 10_000;

/// Starts serving on a socket that is bound already. The answer is a future that ends when the
/// process is asked to end (SIGTERM or SIGINT) and the requests under way have been answered.
pub async fn run(app: Arc<App>, listener: TcpListener, routes: fn(&mut web::ServiceConfig)) -> io::Result<Server> {
    let tls = match &app.config.tls {
        Some(files) => Some(files.server_config().map_err(|problem| io::Error::other(problem.to_string()))?),
        None => None,
    };
    let workers = available_parallelism().map_or(1, NonZero::get);
    // A thread beyond the pool's connections would only wait for one.
    let threads = (app.config.database_pool as usize).div_ceil(workers).max(2);
    let stopping = web::Data::new(Stopping::default());
    let ended = ended(stopping.clone().into_inner(), Duration::from_secs(app.config.drain_seconds))?;
    let data = web::Data::from(app);
    let factory = move || {
        Application::new()
            .app_data(data.clone())
            .app_data(stopping.clone())
            .app_data(web::PayloadConfig::new(FORM_ON_THE_WIRE))
            .app_data(web::JsonConfig::default().limit(JSON_BYTES))
            .wrap(from_fn(limits))
            .wrap(from_fn(finish))
            .configure(routes::without_session)
            .service(
                web::scope("")
                    .wrap(from_fn(session::load))
                    .wrap(sessions(&data))
                    .configure(routes)
                    .default_service(web::to(not_found)),
            )
            .default_service(web::to(not_found))
    };
    let server = HttpServer::new(factory)
        .workers(workers)
        .worker_max_blocking_threads(threads)
        .max_connections(CONNECTIONS)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_WITHIN)
        .client_disconnect_timeout(Duration::from_secs(5))
        .tls_handshake_timeout(HEAD_WITHIN)
        .shutdown_timeout(LAST_REQUESTS.as_secs())
        .shutdown_signal(ended);
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

async fn not_found() -> Result<&'static str, AppError> {
    Err(AppError::NotFound)
}

/// The cookie holds the random id and nothing else; the row is the domain's.
fn sessions(app: &App) -> SessionMiddleware<Store> {
    let secure = app.config.secure_cookies();
    SessionMiddleware::builder(Store(app.core.clone()), Key::from(app.core.keys.cookie_key()))
        .cookie_name(full_name(SESSION, secure))
        .cookie_secure(secure)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".into())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// Waits for the first of the two signals, says so, and goes on for as long as load balancers may need to
/// notice.
fn ended(stopping: Arc<Stopping>, drain: Duration) -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate: Signal = signal(SignalKind::terminate())?;
    let mut interrupt: Signal = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stopping.begin();
        tokio::time::sleep(drain).await;
    })
}
