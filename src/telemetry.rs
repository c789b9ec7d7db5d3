//! Logs on standard error and metrics: what happened, never to whom.
//!
//! A request is named by the pattern of its route, since its path may hold a petitioner's query code; no body, token,
//! name or number of a person is ever logged.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::{Instrument, Span};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};
use crate::http::context::RequestContext;

/// Counter of answered requests, by method, route and status.
const REQUESTS_TOTAL: &str = "http_requests_total";
/// Histogram of the time to an answer, in seconds.
const REQUEST_SECONDS: &str = "http_request_duration_seconds";
/// Gauge of the time since the process began to count, in seconds.
const UPTIME_SECONDS: &str = "process_uptime_seconds";
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Sends the process's logs to standard error; a second call in one process changes nothing.
pub fn log_to_standard_error(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let begun = match settings.log_format {
        LogFormat::Human => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    if let Err(error) = begun {
        tracing::debug!(%error, "the log was already set up");
    }
}

/// Why there are no metrics.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The recorder refuses its settings.
    #[error("metrics: {0}")]
    Settings(#[from] metrics_exporter_prometheus::BuildError),
    /// Something else in the process already collects its metrics.
    #[error("something else collects the metrics of this process")]
    Taken,
}

/// The process's metrics; the `metrics` macros count into them from anywhere.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    begun: Instant,
}

impl Metrics {
    /// The metrics of this process, set up at the first call.
    ///
    /// # Errors
    /// As [`MetricsError`] says.
    pub fn of_process() -> Result<Self, MetricsError> {
        static METRICS: Mutex<Option<Metrics>> = Mutex::new(None);
        // Held throughout: of two first calls at one time, the second must find the metrics of the first.
        let mut metrics = METRICS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*metrics {
            return Ok(metrics.clone());
        }
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), &BUCKETS)?
            .build_recorder();
        #[expect(
            clippy::disallowed_methods,
            reason = "how long the process has run is not the office's time"
        )]
        let begun = Instant::now();
        let ours = Self { handle: recorder.handle(), begun };
        metrics::set_global_recorder(recorder).map_err(|_taken| MetricsError::Taken)?;
        describe();
        Ok(metrics.insert(ours).clone())
    }

    /// The text that Prometheus scrapes.
    pub fn render(&self) -> String {
        metrics::gauge!(UPTIME_SECONDS).set(self.begun.elapsed().as_secs_f64());
        self.handle.run_upkeep();
        self.handle.render()
    }
}

fn describe() {
    metrics::describe_counter!(REQUESTS_TOTAL, "Answered requests by method, route and status");
    metrics::describe_histogram!(REQUEST_SECONDS, metrics::Unit::Seconds, "Time to the answer");
    metrics::describe_gauge!(UPTIME_SECONDS, metrics::Unit::Seconds, "Time since the process began to count");
}

/// Gives the request the span that every log line inside it carries, counts and times it, and logs that it was answered.
///
/// # Errors
/// What the service inside answers.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    #[expect(clippy::disallowed_methods, reason = "how long an answer takes is not the office's time")]
    let begun = Instant::now();
    let method = method_of(&request);
    let route = route_of(&request);
    let span = span_of(&request, method, &route);
    let answered = next.call(request).instrument(span.clone()).await;
    let status = match &answered {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let seconds = begun.elapsed().as_secs_f64();
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.as_str().to_owned())];
    metrics::counter!(REQUESTS_TOTAL, &labels).increment(1);
    let [method, route, _] = labels;
    metrics::histogram!(REQUEST_SECONDS, &[method, route]).record(seconds);
    let status = status.as_u16();
    span.in_scope(|| tracing::info!(status, seconds, "request answered"));
    answered
}

fn span_of(request: &ServiceRequest, method: &str, route: &str) -> Span {
    let extensions = request.extensions();
    let context = extensions.get::<RequestContext>();
    tracing::info_span!(
        "request",
        method,
        route,
        request_id = context.map_or("", |context| &context.request_id),
        trace_id = context.map_or("", |context| &context.trace_id),
        parent_id = context.and_then(|context| context.parent_id.as_deref()),
        user = tracing::field::Empty,
    )
}

/// The pattern that the request's path matches, never the path itself. All that is done to a case has one: some commands are of
/// accusations alone (Art. 30).
fn route_of(request: &ServiceRequest) -> String {
    const OF_A_CASE: &str = "/api/v1/cases/{id}/";
    let pattern = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    if request.method() == Method::POST && pattern.starts_with(OF_A_CASE) {
        return format!("{OF_A_CASE}{{command}}");
    }
    pattern
}

/// A caller may invent methods, and each label value lives as long as the process.
fn method_of(request: &ServiceRequest) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.iter().find(|known| request.method().as_str() == **known).copied().unwrap_or("other")
}
