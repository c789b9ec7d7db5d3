//! `daowei serve`: answers requests until the process is asked to end.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context;
use serde_json::json;

use crate::app::App;
use crate::clock::Clock;
use crate::config::keys::Keys;
use crate::config::{Given, Settings};
use crate::{server, worker};

#[derive(clap::Args)]
pub struct Serve {
    #[command(flatten)]
    given: Given,
    /// Print one line of JSON on standard output when ready
    #[arg(long)]
    json: bool,
}

impl Serve {
    pub fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let keys = Keys::load(&settings)?;
        let listener = listen(&settings)?;
        let app = Arc::new(App::build_to_serve(settings, &keys, Clock::system())?);
        let json = self.json;
        until_asked_to_end(app, listener, move |url| {
            let line =
                if json { json!({ "url": url }).to_string() } else { format!("daowei answers at {url}") };
            say(&line)
        })
    }
}

/// Takes the address; port 0 picks a free one.
///
/// # Errors
/// Something else has the address, or it is not this machine's.
pub fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    TcpListener::bind(settings.listen).with_context(|| format!("cannot listen on {}", settings.listen))
}

/// Answers requests until SIGTERM or SIGINT; `when_ready` is told the address once requests are answered.
///
/// # Errors
/// The server cannot start, or ends by itself.
pub fn until_asked_to_end(
    app: Arc<App>,
    listener: TcpListener,
    when_ready: impl FnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let asked_to_end = server::asked_to_end()?;
        let worker = tokio::spawn(worker::run(Arc::clone(&app)));
        let running = server::start(Arc::clone(&app), listener)?;
        let url = format!("http://{}", running.address);
        tracing::info!(url, "ready");
        when_ready(&url)?;
        let end = async {
            asked_to_end.await;
            worker.abort();
            worker::retire(&app).await;
        };
        running.run_until(end).await?;
        Ok(())
    })
}

/// Prints a line at once, also where standard output is a pipe.
///
/// # Errors
/// Nobody reads.
pub fn say(line: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()?;
    Ok(())
}
