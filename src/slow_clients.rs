//! Ends the connections of clients that keep the server waiting, where actix-web does not: it times the head of a connection's
//! first request alone, and nobody who takes no more of an answer.

use std::cell::Cell;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::rc::{Rc, Weak};
use std::time::Duration;
use std::{io, net};

use actix_web::body::MessageBody;
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::TcpStream;
use actix_web::rt::task::JoinHandle;
use actix_web::{Error, rt};
use tokio::time::{Instant, sleep};

/// What a client that is slow but not idle sends in a second at least, in bytes.
pub const LEAST_RATE: u64 = 2048;

/// How long clients may keep the server waiting.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a request's head, for the next piece of a body, and for any of an answer to be taken.
    pub client_wait: Duration,
    /// Between two requests.
    pub keep_alive: Duration,
}

/// Watches a connection from its begin on; one that cannot be watched is ended.
pub fn watch(stream: &TcpStream, connection_data: &mut Extensions, patience: Patience) {
    match Connection::watched(stream, patience) {
        Ok(connection) => {
            connection_data.insert(connection);
        }
        Err(error) => {
            tracing::warn!(%error, "a connection cannot be watched, and is ended");
            let _ = rustix::net::shutdown(stream, rustix::net::Shutdown::Both);
        }
    }
}

/// Keeps account of the requests that are being answered on a connection.
///
/// # Errors
/// What the service inside answers.
pub async fn attend(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let _answering = request.conn_data::<Rc<Connection>>().map(Answering::on);
    next.call(request).await
}

/// A connection on which requests are awaited and answered.
struct Connection {
    socket: net::TcpStream,
    answering: Cell<u32>,
    quiet_since: Cell<Instant>,
    watch: Cell<Option<JoinHandle<()>>>,
}

impl Connection {
    fn watched(stream: &TcpStream, patience: Patience) -> io::Result<Rc<Self>> {
        end_when_nothing_is_taken_for(stream, patience.client_wait)?;
        let connection = Rc::new(Self {
            socket: stream.as_fd().try_clone_to_owned()?.into(),
            answering: Cell::new(0),
            quiet_since: Cell::new(Instant::now()),
            watch: Cell::new(None),
        });
        let longest = patience.keep_alive + patience.client_wait;
        connection.watch.set(Some(rt::spawn(end_when_quiet(Rc::downgrade(&connection), longest))));
        Ok(connection)
    }

    /// How long it may still be quiet.
    fn patience(&self, longest: Duration) -> Duration {
        match self.answering.get() {
            0 => longest.saturating_sub(self.quiet_since.get().elapsed()),
            _ => longest,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.take() {
            watch.abort();
        }
    }
}

async fn end_when_quiet(connection: Weak<Connection>, longest: Duration) {
    while let Some(patience) = connection.upgrade().map(|connection| connection.patience(longest)) {
        if patience.is_zero() {
            if let Some(connection) = connection.upgrade() {
                tracing::debug!("a client kept the server waiting for a request");
                // Nothing more is read, but what is being answered still is. One that is not connected has nothing to end.
                let _ = connection.socket.shutdown(Shutdown::Read);
            }
            return;
        }
        sleep(patience).await;
    }
}

/// The kernel ends a connection on which nothing that was sent has been taken for so long (RFC 5482), nor room been made for more than
/// a piece of it.
#[cfg(target_os = "linux")]
fn end_when_nothing_is_taken_for(stream: &TcpStream, longest: Duration) -> io::Result<()> {
    let milliseconds = u32::try_from(longest.as_millis()).unwrap_or(u32::MAX);
    Ok(rustix::net::sockopt::set_tcp_user_timeout(stream, milliseconds)?)
}

/// Other systems have no such setting.
#[cfg(not(target_os = "linux"))]
fn end_when_nothing_is_taken_for(_: &TcpStream, _: Duration) -> io::Result<()> {
    Ok(())
}

/// A request that is being answered; its body is timed by who reads it.
struct Answering(Rc<Connection>);

impl Answering {
    fn on(connection: &Rc<Connection>) -> Self {
        connection.answering.update(|count| count + 1);
        Self(Rc::clone(connection))
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.answering.update(|count| count - 1);
        self.0.quiet_since.set(Instant::now());
    }
}
