//! Starts and stops the server: the command line and the tests do it the same way.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, Error, HttpServer, web};
use tokio::task::JoinHandle;

use crate::app::App;
use crate::http::context::X_REQUEST_ID;
use crate::http::{self, context, guard, problem};
use crate::{slow_clients, telemetry};

/// How long a client may take to end a connection that the server ends.
const SLOWEST_DISCONNECT: Duration = Duration::from_secs(5);

/// A server that answers requests.
pub struct Running {
    /// Where it listens; the port is the real one where 0 was asked for.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
    app: Arc<App>,
}

/// Starts to answer requests at the listener; returns at once.
///
/// # Errors
/// The listener cannot be used.
pub fn start(app: Arc<App>, listener: TcpListener) -> std::io::Result<Running> {
    let address = listener.local_addr()?;
    let data = web::Data::from(Arc::clone(&app));
    let (patience, shutdown_wait) = (app.settings.patience, app.settings.shutdown_wait.as_secs());
    let server = HttpServer::new(move || service(&data))
        .workers(app.settings.workers)
        .on_connect(move |stream, connection_data| {
            if let Some(stream) = stream.downcast_ref() {
                slow_clients::watch(stream, connection_data, patience);
            }
        })
        .client_request_timeout(patience.client_wait)
        .client_disconnect_timeout(SLOWEST_DISCONNECT)
        .keep_alive(patience.keep_alive)
        .shutdown_timeout(shutdown_wait)
        // An interrupt would drop requests in flight; `run_until` stops for both signals gracefully.
        .disable_signals()
        .listen(listener)?
        .run();
    let handle = server.handle();
    Ok(Running { address, handle, task: tokio::spawn(server), app })
}

impl Running {
    /// Answers requests until `stop` comes about, then finishes those in flight and what the store has taken on.
    ///
    /// # Errors
    /// The server ended by itself.
    pub async fn run_until(mut self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        tokio::select! {
            ended = &mut self.task => ended?,
            () = stop => self.stop().await,
        }
    }

    /// Takes no new requests, finishes those in flight and what the store has taken on.
    ///
    /// # Errors
    /// The server had ended with an error.
    pub async fn stop(self) -> std::io::Result<()> {
        tracing::info!("stopping: requests in flight are finished");
        self.handle.stop(true).await;
        let ended = self.task.await?;
        self.app.store.close().await;
        tracing::info!("stopped");
        ended
    }
}

/// Comes about when the process is asked to end, by SIGTERM or SIGINT.
///
/// # Errors
/// The system does not let the process hear its signals.
#[cfg(unix)]
pub fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Comes about when the process is asked to end, by Ctrl-C.
///
/// # Errors
/// None on this system.
#[cfg(not(unix))]
pub fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The service of one worker thread; the last middleware wrapped is the first to see a request.
fn service(
    app: &web::Data<App>,
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    ActixApp::new()
        .app_data(app.clone())
        .configure(http::serve)
        .default_service(web::to(http::docs::nothing_here))
        .wrap(from_fn(guard::without_nul))
        .wrap(from_fn(problem::finish))
        .wrap(from_fn(guard::head_as_get))
        .wrap(from_fn(guard::secure))
        .wrap(Compress::default())
        .wrap(cors(&app.settings.cors_origins))
        .wrap(from_fn(telemetry::observe))
        .wrap(from_fn(context::begin))
        .wrap(from_fn(slow_clients::attend))
}

fn cors(origins: &[String]) -> Cors {
    let allowed = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            http::idempotency::IDEMPOTENCY_KEY,
            http::cases::call::ACTING_FOR,
            X_REQUEST_ID,
        ])
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::LINK,
            header::RETRY_AFTER,
            http::idempotency::IDEMPOTENT_REPLAYED,
            X_REQUEST_ID,
        ])
        .max_age(3600);
    origins.iter().fold(allowed, |cors, origin| cors.allowed_origin(origin))
}
