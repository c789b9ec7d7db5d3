//! Settings: one list of names for flags, environment and the optional TOML file, checked at start, all faults at
//! once.
//!
//! Precedence: flag, then environment (`DAOWEI_…`), then file, then default. The file's values become the flags'
//! defaults, so that every source is read by the same rules.

mod file;
pub mod keys;
mod reader;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::slow_clients::Patience;
use chrono::{FixedOffset, TimeDelta};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl, Scope};
use secrecy::SecretString;
use store::suites::Suite;
use store::{DatabaseUrl, sign_in_failures};

use domain::access::{Duty, Role, Staff};
use domain::deadline::Rules;
pub use file::with_file;
use reader::Reader;
pub use reader::is_safe_address;

/// The settings as they were given, before they are checked; `--help` is their manual.
#[derive(clap::Args, Clone)]
pub struct Given {
    /// TOML file with any of these settings, named as the flags with `_` for `-`
    #[arg(long, env = "DAOWEI_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Directory of the embedded database and the key files
    #[arg(long, env = "DAOWEI_DATA", value_name = "DIR", default_value = "daowei-data")]
    pub data: String,
    /// `sqlite:FILE` or `postgres://…` [default: a file in the data directory]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// `postgres://…` of a streaming replica, which lists, searches and statistics are read from
    #[arg(long, env = "DATABASE_REPLICA_URL", hide_env_values = true, value_name = "URL")]
    pub database_replica_url: Option<String>,
    /// Connections to the database, of each for reading and for writing; an embedded database has one writer, and at most
    /// two readers a worker
    #[arg(long, env = "DAOWEI_DATABASE_CONNECTIONS", value_name = "COUNT", default_value = "8")]
    pub database_connections: String,
    /// How many writes may wait for the database before more are refused with 503
    #[arg(long, env = "DAOWEI_WRITE_QUEUE", value_name = "COUNT", default_value = "1024")]
    pub write_queue: String,
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, env = "DAOWEI_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Number of threads that answer requests; 0 is one a processor
    #[arg(long, env = "DAOWEI_WORKERS", value_name = "COUNT", default_value = "0")]
    pub workers: String,
    /// What is logged: a level, or directives such as `info,store=debug`
    #[arg(long, env = "DAOWEI_LOG", value_name = "FILTER", default_value = "info,actix_server=warn")]
    pub log: String,
    /// Form of the log on standard error: `human` or `json`
    #[arg(long, env = "DAOWEI_LOG_FORMAT", value_name = "FORM", default_value = "human")]
    pub log_format: String,
    /// The office's time zone, where legal days begin: an offset, or `Asia/Shanghai`
    #[arg(
        long,
        env = "DAOWEI_TIME_ZONE",
        value_name = "ZONE",
        default_value = "+08:00",
        allow_hyphen_values = true
    )]
    pub time_zone: String,
    /// Master key that seals personal data, 32 bytes in base64, or several as NUMBER:BASE64 separated by commas;
    /// others on the machine can see a flag, so prefer the environment [default: keys/sealing.key in the data directory]
    #[arg(long, env = "DAOWEI_KEY", hide_env_values = true, value_name = "BASE64")]
    pub key: Option<SecretString>,
    /// Whether keys that are made here are for the national algorithms SM4 and SM3; keys that are there keep theirs [default: as
    /// the key that seals, and false for the first]
    #[arg(long, env = "DAOWEI_NATIONAL_ALGORITHMS", value_name = "BOOL")]
    pub national_algorithms: Option<String>,
    /// How long an access token is good, at most 15m
    #[arg(long, env = "DAOWEI_ACCESS_TOKEN_LIFETIME", value_name = "TIME", default_value = "15m")]
    pub access_token_lifetime: String,
    /// How long somebody stays signed in without signing in again
    #[arg(long, env = "DAOWEI_REFRESH_TOKEN_LIFETIME", value_name = "TIME", default_value = "14d")]
    pub refresh_token_lifetime: String,
    /// How old a password may be before it is changed at a sign-in [default: as old as it gets]
    #[arg(long, env = "DAOWEI_PASSWORD_MAX_AGE", value_name = "TIME")]
    pub password_max_age: Option<String>,
    /// How many failed sign-ins in a row lock an account for whoever asks from that network
    #[arg(long, env = "DAOWEI_SIGN_IN_FAILURES", value_name = "COUNT", default_value = "5")]
    pub sign_in_failures: String,
    /// How many failed sign-ins in a row lock an account for everybody, wherever they came from
    #[arg(long, env = "DAOWEI_SIGN_IN_FAILURES_ANYWHERE", value_name = "COUNT", default_value = "50")]
    pub sign_in_failures_anywhere: String,
    /// How long it stays locked, and how long failures are remembered
    #[arg(long, env = "DAOWEI_SIGN_IN_LOCK", value_name = "TIME", default_value = "30m")]
    pub sign_in_lock: String,
    /// Roles and duties that sign in with a second factor, separated by commas, or `none`; whoever else has set one up is asked
    /// for it too [default: reviewer,system_administrator,security_administrator,auditor,lead; in a demonstration none]
    #[arg(long, env = "DAOWEI_SECOND_FACTOR_FOR", value_name = "WORDS")]
    pub second_factor_for: Option<String>,
    /// OpenID Connect provider that signs users in, as it calls itself: `https://…` [default: no single sign-on]
    #[arg(long, env = "DAOWEI_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What this installation is called there
    #[arg(long, env = "DAOWEI_OIDC_CLIENT_ID", value_name = "NAME")]
    pub oidc_client_id: Option<String>,
    /// The secret that goes with it; others on the machine can see a flag, so prefer the environment [default: none, as a public
    /// client]
    #[arg(long, env = "DAOWEI_OIDC_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub oidc_client_secret: Option<SecretString>,
    /// Addresses of clients to which the provider sends the browser back, separated by commas
    #[arg(long, env = "DAOWEI_OIDC_REDIRECT_URIS", value_name = "URLS")]
    pub oidc_redirect_uris: Option<String>,
    /// Claim that is the user name here, at the first sign-in of a user, or `none` where accounts are linked by an administrator alone
    /// [default: preferred_username]
    #[arg(long, env = "DAOWEI_OIDC_USERNAME_CLAIM", value_name = "NAME")]
    pub oidc_username_claim: Option<String>,
    /// Scopes that are asked for besides `openid`, separated by commas [default: profile]
    #[arg(long, env = "DAOWEI_OIDC_SCOPES", value_name = "NAMES")]
    pub oidc_scopes: Option<String>,
    /// How long a session goes on that began at the provider, until it is asked again [default: 1d]
    #[arg(long, env = "DAOWEI_OIDC_SESSION_LIFETIME", value_name = "TIME")]
    pub oidc_session_lifetime: Option<String>,
    /// Methods of authentication (RFC 8176), separated by commas, of which any that the provider names in `amr` counts as the second
    /// factor [default: none, it is asked for here]
    #[arg(long, env = "DAOWEI_OIDC_SECOND_FACTOR_METHODS", value_name = "WORDS")]
    pub oidc_second_factor_methods: Option<String>,
    /// Web origins that browsers may call from, separated by commas
    #[arg(long, env = "DAOWEI_CORS_ORIGINS", value_name = "ORIGINS", default_value = "")]
    pub cors_origins: String,
    /// Largest request body in bytes
    #[arg(long, env = "DAOWEI_BODY_LIMIT", value_name = "BYTES", default_value = "1048576")]
    pub body_limit: String,
    /// How long a client may keep the server waiting: for a request's head, for a body or its next piece, of which 2 KiB buy another
    /// second, or by taking nothing of an answer
    #[arg(long, env = "DAOWEI_CLIENT_WAIT", value_name = "TIME", default_value = "60s")]
    pub client_wait: String,
    /// How long a connection may be quiet between two requests: longer than a proxy in front keeps it, so that none sends a request
    /// into a connection that is being ended
    #[arg(long, env = "DAOWEI_KEEP_ALIVE", value_name = "TIME", default_value = "75s")]
    pub keep_alive: String,
    /// What whoever reads `/metrics` shows as a bearer token; without it, only requests from the same machine and through no proxy
    /// are answered [default: none]
    #[arg(long, env = "DAOWEI_METRICS_TOKEN", hide_env_values = true, value_name = "SECRET")]
    pub metrics_token: Option<SecretString>,
    /// Number of proxies in front whose `X-Forwarded-For` is believed; 0 believes none
    #[arg(long, env = "DAOWEI_TRUSTED_PROXIES", value_name = "COUNT", default_value = "0")]
    pub trusted_proxies: String,
    /// Sign-in requests a minute from one address
    #[arg(long, env = "DAOWEI_SIGN_IN_RATE", value_name = "COUNT", default_value = "120")]
    pub sign_in_rate: String,
    /// Public look-ups a minute from one address
    #[arg(long, env = "DAOWEI_PUBLIC_RATE", value_name = "COUNT", default_value = "60")]
    pub public_rate: String,
    /// Evaluations and review requests of petitioners a minute from one address
    #[arg(long, env = "DAOWEI_EVALUATION_RATE", value_name = "COUNT", default_value = "20")]
    pub evaluation_rate: String,
    /// Number of this process, 0 to 511, where several share a database [default: random]
    #[arg(long, env = "DAOWEI_NODE", value_name = "NUMBER")]
    pub node: Option<String>,
    /// How long a stop waits for requests in flight
    #[arg(long, env = "DAOWEI_SHUTDOWN_WAIT", value_name = "TIME", default_value = "30s")]
    pub shutdown_wait: String,
    /// Time between two sweeps of the deadlines
    #[arg(long, env = "DAOWEI_SWEEP_INTERVAL", value_name = "TIME", default_value = "60s")]
    pub sweep_interval: String,
    /// After so long another process does the work of one that does it no more
    #[arg(long, env = "DAOWEI_WORKER_LEASE", value_name = "TIME", default_value = "30s", hide = true)]
    pub worker_lease: String,
    /// Share of a deadline after which it counts as due soon, in per cent
    #[arg(long, env = "DAOWEI_DUE_SOON_AT_PERCENT", value_name = "PERCENT", default_value = "75")]
    pub due_soon_at_percent: String,
    /// Days after the heart's resolution in which a repeat petition undoes it
    #[arg(long, env = "DAOWEI_OBSERVATION_DAYS", value_name = "DAYS", default_value = "180")]
    pub observation_days: String,
    /// Whether a lapsed review term ends the matter without a person's decision
    #[arg(long, env = "DAOWEI_TERMINATE_ON_LAPSE", value_name = "BOOL", default_value = "false")]
    pub terminate_on_lapse: String,
    /// Calendar days' notice before a hearing
    #[arg(long, env = "DAOWEI_HEARING_NOTICE_DAYS", value_name = "DAYS", default_value = "7")]
    pub hearing_notice_days: String,
    /// Days after delivery in which the petitioner may rate the work
    #[arg(long, env = "DAOWEI_EVALUATION_DAYS", value_name = "DAYS", default_value = "30")]
    pub evaluation_days: String,
    /// Internal share of the 15 days of dispatch, in days: national, province, city, county (2014 rule)
    #[arg(long, env = "DAOWEI_DISPATCH_SHARE_DAYS", value_name = "DAYS", default_value = "5,3,3,4")]
    pub dispatch_share_days: String,
    /// Working days to pass a matter on in the simple procedure (2016 text)
    #[arg(long, env = "DAOWEI_SIMPLE_PASS_WORKING_DAYS", value_name = "DAYS", default_value = "1")]
    pub simple_pass_working_days: String,
    /// Working days to decide on a matter in the simple procedure (2016 text)
    #[arg(long, env = "DAOWEI_SIMPLE_DECISION_WORKING_DAYS", value_name = "DAYS", default_value = "3")]
    pub simple_decision_working_days: String,
    /// Working days to answer in the simple procedure (2016 text)
    #[arg(long, env = "DAOWEI_SIMPLE_OPINION_WORKING_DAYS", value_name = "DAYS", default_value = "10")]
    pub simple_opinion_working_days: String,
    /// Days to tell whether a request for review is admitted (local rule)
    #[arg(long, env = "DAOWEI_REVIEW_ADMISSION_DAYS", value_name = "DAYS", default_value = "15")]
    pub review_admission_days: String,
    /// Days in which a leader in charge reports again (practice: each month)
    #[arg(long, env = "DAOWEI_CHARGE_REPORT_DAYS", value_name = "DAYS", default_value = "30")]
    pub charge_report_days: String,
    /// So many days before its day a leader's reception session is published (before the day; three in some places)
    #[arg(long, env = "DAOWEI_RECEPTION_PUBLICATION_DAYS", value_name = "DAYS", default_value = "1")]
    pub reception_publication_days: String,
    /// Days in which the organ that answers for a backlog case reports again (practice: each month)
    #[arg(long, env = "DAOWEI_BACKLOG_REPORT_DAYS", value_name = "DAYS", default_value = "30")]
    pub backlog_report_days: String,
    /// From how many days after its filing an open case is proposed as backlog (remembered)
    #[arg(long, env = "DAOWEI_BACKLOG_AGE_DAYS", value_name = "DAYS", default_value = "365")]
    pub backlog_age_days: String,
    /// From how many repeats a case is proposed as backlog (remembered)
    #[arg(long, env = "DAOWEI_BACKLOG_REPEATS", value_name = "COUNT", default_value = "3")]
    pub backlog_repeats: String,
    /// Days without a repeat between the inspection of a backlog case and its strike-off (local rule)
    #[arg(long, env = "DAOWEI_BACKLOG_QUIET_DAYS", value_name = "DAYS", default_value = "180")]
    pub backlog_quiet_days: String,
    /// Whether a backlog case that ended by re-review is resolved only after a hearing (remembered)
    #[arg(long, env = "DAOWEI_BACKLOG_HEARING_REQUIRED", value_name = "BOOL", default_value = "true")]
    pub backlog_hearing_required: String,
    /// Days in which an organ answers whether it adopts suggestions of supervision (30 in the repealed rules of 2005)
    #[arg(long, env = "DAOWEI_SUGGESTIONS_ANSWER_DAYS", value_name = "DAYS", default_value = "30")]
    pub suggestions_answer_days: String,
    /// Whether a late request for review is taken with a good reason (local rule)
    #[arg(long, env = "DAOWEI_LATE_REVIEW_WITH_REASON", value_name = "BOOL", default_value = "true")]
    pub late_review_with_reason: String,
    /// Whether a remade opinion may not repeat the one set aside on the same facts (local rule)
    #[arg(long, env = "DAOWEI_FORBID_SAME_OPINION", value_name = "BOOL", default_value = "true")]
    pub forbid_same_opinion: String,
    /// From how many people a petition is a group's
    #[arg(long, env = "DAOWEI_GROUP_FROM", value_name = "COUNT", default_value = "5")]
    pub group_from: String,
}

/// Checked settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Directory of the embedded database and the key files.
    pub data: PathBuf,
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// Where a streaming replica of it is.
    pub database_replica_url: Option<DatabaseUrl>,
    /// Connections to the database, of each for reading and for writing.
    pub database_connections: u32,
    /// How many writes may wait for the database.
    pub write_queue: usize,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Number of threads that answer requests.
    pub workers: usize,
    /// Directives of what is logged.
    pub log: String,
    /// Form of the log.
    pub log_format: LogFormat,
    /// The office's time zone.
    pub time_zone: FixedOffset,
    /// The sealing key in base64, where the environment gave one.
    pub key: Option<SecretString>,
    /// Of the keys that are made here, where it was said.
    pub suite: Option<Suite>,
    /// How long an access token is good.
    pub access_token_lifetime: Duration,
    /// How long somebody stays signed in.
    pub refresh_token_lifetime: Duration,
    /// How old a password may be; none for as old as it gets.
    pub password_max_age: Option<Duration>,
    /// After how many failed sign-ins an account is locked, and for how long.
    pub sign_in_limits: sign_in_failures::Limits,
    /// Who signs in with a second factor.
    pub second_factor_for: SecondFactorFor,
    /// Who signs users in besides this program.
    pub single_sign_on: Option<SingleSignOn>,
    /// Origins that browsers may call from.
    pub cors_origins: Vec<String>,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// How long clients may keep the server waiting.
    pub patience: Patience,
    /// What whoever reads the metrics shows; none for whoever is on the same machine.
    pub metrics_token: Option<SecretString>,
    /// Number of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxy_count: usize,
    /// Requests a minute from one address.
    pub rates: Rates,
    /// Number of this process among those that share a database.
    pub node: Option<u16>,
    /// How long a stop waits for requests in flight.
    pub shutdown_wait: Duration,
    /// Time between two sweeps of the deadlines.
    pub sweep_interval: Duration,
    /// How long the process that sweeps holds the others off after its last step.
    pub worker_lease: Duration,
    /// What the law leaves to the office.
    pub rules: Rules,
}

/// The three administrators, reviewers and leading cadres.
const SECOND_FACTOR_FOR: &str = "reviewer,system_administrator,security_administrator,auditor,lead";

/// Who signs in with a second factor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecondFactorFor {
    /// Whoever has one of these roles.
    pub roles: BTreeSet<Role>,
    /// Whoever has one of these duties.
    pub duties: BTreeSet<Duty>,
}

impl SecondFactorFor {
    /// Whether the user does.
    pub fn includes(&self, staff: &Staff) -> bool {
        self.roles.contains(&staff.role) || self.duties.iter().any(|duty| staff.has(*duty))
    }
}

/// A provider of OpenID Connect, and what this installation is to it.
#[derive(Clone, Debug)]
pub struct SingleSignOn {
    /// What the provider calls itself.
    pub issuer: IssuerUrl,
    /// What this installation is called there.
    pub client_id: ClientId,
    /// None for a public client.
    pub client_secret: Option<ClientSecret>,
    /// To where the provider may send the browser back; never none.
    pub redirect_uris: Vec<RedirectUrl>,
    /// The claim that is the user name here at the first sign-in; without it accounts are linked by an administrator alone.
    pub username_claim: Option<String>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<Scope>,
    /// How long a session goes on that began there.
    pub session_lifetime: Duration,
    /// Methods of which any that the provider names counts as a second factor.
    pub second_factor_methods: BTreeSet<String>,
}

/// Requests a minute that one address may make.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Sign-in and refresh.
    pub sign_in: u32,
    /// Public look-ups.
    pub public: u32,
    /// Evaluations and review requests.
    pub evaluation: u32,
}

/// Form of the log on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Every fault of the settings.
#[derive(Debug, thiserror::Error)]
#[error("the settings have {} fault(s):\n  {}", .0.len(), .0.join("\n  "))]
pub struct Faults(pub Vec<String>);

impl Settings {
    /// Checks what was given.
    ///
    /// # Errors
    /// All faults at once, each with the name of its setting.
    pub fn check(given: &Given) -> Result<Self, Faults> {
        let mut read = Reader::default();
        let data = PathBuf::from(&given.data);
        let settings = Self {
            database_url: read.database_url(given.database_url.as_deref(), &data),
            database_replica_url: read
                .replica_url(given.database_replica_url.as_deref(), given.database_url.as_deref()),
            database_connections: read.number("database_connections", &given.database_connections, 1, 500),
            write_queue: read.number("write_queue", &given.write_queue, 1, 1_000_000),
            data,
            listen: read.listen(&given.listen),
            workers: read.worker_count(&given.workers),
            log: read.log(&given.log),
            log_format: read.log_format(&given.log_format),
            time_zone: read.time_zone(&given.time_zone),
            key: read.sealing_key(given.key.as_ref()),
            suite: given.national_algorithms.as_deref().map(|given| {
                match read.flag("national_algorithms", given) {
                    true => Suite::National,
                    false => Suite::International,
                }
            }),
            access_token_lifetime: read.time(
                "access_token_lifetime",
                &given.access_token_lifetime,
                1,
                15 * 60,
            ),
            refresh_token_lifetime: read.time(
                "refresh_token_lifetime",
                &given.refresh_token_lifetime,
                60,
                90 * 86_400,
            ),
            password_max_age: given
                .password_max_age
                .as_deref()
                .map(|age| read.time("password_max_age", age, 86_400, 3_650 * 86_400)),
            sign_in_limits: sign_in_failures::Limits {
                from_one_network: read.number("sign_in_failures", &given.sign_in_failures, 3, 10),
                from_anywhere: read.number(
                    "sign_in_failures_anywhere",
                    &given.sign_in_failures_anywhere,
                    3,
                    1_000,
                ),
                lock: TimeDelta::from_std(read.time("sign_in_lock", &given.sign_in_lock, 60, 86_400))
                    .unwrap_or(TimeDelta::MAX),
            },
            second_factor_for: read
                .second_factor_for(given.second_factor_for.as_deref().unwrap_or(SECOND_FACTOR_FOR)),
            single_sign_on: read.single_sign_on(given),
            cors_origins: read.origins(&given.cors_origins),
            body_limit: read.number("body_limit", &given.body_limit, 1024, 64 * 1024 * 1024),
            patience: Patience {
                client_wait: read.time("client_wait", &given.client_wait, 1, 3600),
                keep_alive: read.time("keep_alive", &given.keep_alive, 1, 3600),
            },
            metrics_token: read.metrics_token(given.metrics_token.as_ref()),
            trusted_proxy_count: read.number("trusted_proxies", &given.trusted_proxies, 0, 10),
            rates: Rates {
                sign_in: read.number("sign_in_rate", &given.sign_in_rate, 1, 1_000_000),
                public: read.number("public_rate", &given.public_rate, 1, 1_000_000),
                evaluation: read.number("evaluation_rate", &given.evaluation_rate, 1, 1_000_000),
            },
            node: given.node.as_deref().map(|node| read.number("node", node, 0, 511)),
            shutdown_wait: read.time("shutdown_wait", &given.shutdown_wait, 0, 3600),
            sweep_interval: read.time("sweep_interval", &given.sweep_interval, 1, 86_400),
            worker_lease: read.time("worker_lease", &given.worker_lease, 1, 3600),
            rules: Rules {
                due_soon_at_percent: read.number("due_soon_at_percent", &given.due_soon_at_percent, 1, 99),
                observation_days: read.number("observation_days", &given.observation_days, 1, 3650),
                terminate_on_lapse: read.flag("terminate_on_lapse", &given.terminate_on_lapse),
                hearing_notice_days: read.number("hearing_notice_days", &given.hearing_notice_days, 1, 60),
                evaluation_days: read.number("evaluation_days", &given.evaluation_days, 1, 365),
                dispatch_share_days: read.four_numbers(
                    "dispatch_share_days",
                    &given.dispatch_share_days,
                    1,
                    15,
                ),
                simple_pass_working_days: read.number(
                    "simple_pass_working_days",
                    &given.simple_pass_working_days,
                    1,
                    15,
                ),
                simple_decision_working_days: read.number(
                    "simple_decision_working_days",
                    &given.simple_decision_working_days,
                    1,
                    15,
                ),
                simple_opinion_working_days: read.number(
                    "simple_opinion_working_days",
                    &given.simple_opinion_working_days,
                    1,
                    60,
                ),
                review_admission_days: read.number(
                    "review_admission_days",
                    &given.review_admission_days,
                    1,
                    30,
                ),
                charge_report_days: read.number("charge_report_days", &given.charge_report_days, 1, 92),
                reception_publication_days: read.number(
                    "reception_publication_days",
                    &given.reception_publication_days,
                    1,
                    60,
                ),
                backlog_report_days: read.number("backlog_report_days", &given.backlog_report_days, 1, 92),
                backlog_age_days: read.number("backlog_age_days", &given.backlog_age_days, 1, 3660),
                backlog_repeats: read.number("backlog_repeats", &given.backlog_repeats, 1, 100),
                backlog_quiet_days: read.number("backlog_quiet_days", &given.backlog_quiet_days, 0, 732),
                backlog_hearing_required: read
                    .flag("backlog_hearing_required", &given.backlog_hearing_required),
                suggestions_answer_days: read.number(
                    "suggestions_answer_days",
                    &given.suggestions_answer_days,
                    1,
                    92,
                ),
                late_review_with_reason: read.flag("late_review_with_reason", &given.late_review_with_reason),
                forbid_same_opinion: read.flag("forbid_same_opinion", &given.forbid_same_opinion),
                group_from: read.number("group_from", &given.group_from, 2, 1000),
            },
        };
        read.finish(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, FromArgMatches, Parser};
    use strum::VariantArray;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        given: Given,
    }

    fn given(flags: &[&str]) -> Given {
        Alone::parse_from(std::iter::once(&"daowei").chain(flags)).given
    }

    #[test]
    fn the_defaults_are_sound() {
        let settings = Settings::check(&given(&["--data", "here"])).unwrap();
        assert_eq!(settings.database_url.to_string(), "sqlite:here/daowei.db");
        assert_eq!(settings.time_zone.local_minus_utc(), 8 * 3600);
        assert!(settings.workers > 0);
        assert_eq!(settings.rules, Rules::default());
        let demanding = Role::VARIANTS.iter().filter(|role| settings.second_factor_for.roles.contains(role));
        let demanding: Vec<&str> = demanding.map(AsRef::as_ref).collect();
        assert_eq!(demanding, ["reviewer", "system_administrator", "security_administrator", "auditor"]);
        assert_eq!(settings.second_factor_for.duties, [Duty::Lead].into());
    }

    #[test]
    fn a_provider_is_asked_where_nobody_reads_along() {
        let of = |issuer: &str, uris: &str| {
            let flags = [format!("--oidc-issuer={issuer}"), format!("--oidc-redirect-uris={uris}")];
            Settings::check(&given(&[&flags[0], &flags[1], "--oidc-client-id=daowei"]))
        };
        let uris = "https://office.example/in, http://[::1]:8080/in, cn.example.daowei:/in";
        let found = of("https://id.example/realms/city", uris).unwrap().single_sign_on.unwrap();
        assert_eq!(found.redirect_uris.len(), 3);
        assert_eq!((found.username_claim.as_deref(), found.scopes.len()), (Some("preferred_username"), 1));
        assert!(found.client_secret.is_none() && found.second_factor_methods.is_empty());
        for wrong in [
            "http://id.example",
            "id.example",
            "https://id.example/#a",
            "https://u:p@id.example",
            "javascript:0",
        ] {
            assert!(of(wrong, uris).unwrap_err().to_string().contains("oidc_issuer:"), "{wrong:?}");
        }
        for wrong in ["", "http://office.example/in", "javascript:0", "https://office.example/in#a"] {
            assert!(
                of("https://id.example", wrong).unwrap_err().to_string().contains("oidc_redirect_uris:"),
                "{wrong:?}"
            );
        }
        let with = |flag: &str| {
            let standing =
                ["--oidc-issuer=https://id.example", "--oidc-redirect-uris=https://office.example/in"];
            Settings::check(&given(&[standing[0], standing[1], "--oidc-client-id=daowei", flag]))
        };
        with("--oidc-second-factor-methods=otp,mfa").unwrap();
        for (wrong, name) in [
            ("--oidc-second-factor-methods=mfa,pwd", "oidc_second_factor_methods:"),
            ("--oidc-username-claim=email", "oidc_username_claim:"),
            ("--oidc-session-lifetime=1s", "oidc_session_lifetime:"),
        ] {
            assert!(with(wrong).unwrap_err().to_string().contains(name), "{wrong:?}");
        }
        let alone = Settings::check(&given(&["--oidc-client-id=daowei"])).unwrap_err();
        assert!(alone.to_string().contains("oidc_client_id: is of a provider"), "{alone}");
    }

    #[test]
    fn a_second_factor_is_for_roles_and_duties_or_nobody() {
        let of = |words: &str| Settings::check(&given(&[&format!("--second-factor-for={words}")]));
        assert_eq!(of("none").unwrap().second_factor_for, SecondFactorFor::default());
        let some = of("official, accusation").unwrap().second_factor_for;
        assert_eq!((some.roles, some.duties), ([Role::Official].into(), [Duty::Accusation].into()));
        for wrong in ["", "cadre", "official,none"] {
            assert!(of(wrong).unwrap_err().to_string().contains("second_factor_for:"), "{wrong:?}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = Settings::check(&given(&[
            "--listen=nowhere",
            "--time-zone=Mars/Olympus",
            "--access-token-lifetime=1h",
            "--key=c2hvcnQ=",
            "--database-url=mysql://x",
            "--cors-origins=https://a.example, ftp://b",
            "--metrics-token=short",
        ]))
        .unwrap_err();
        let told = faults.to_string();
        for name in [
            "listen",
            "time_zone",
            "access_token_lifetime",
            "key",
            "database_url",
            "cors_origins",
            "metrics_token",
        ] {
            assert!(told.contains(&format!("{name}:")), "{name} is missing from:\n{told}");
        }
        assert!(!told.contains("c2hvcnQ="), "a secret was told");
    }

    #[test]
    fn the_file_yields_to_flags_and_refuses_unknown_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("daowei.toml");
        let arguments = ["daowei", "--config", path.to_str().unwrap(), "--body-limit", "4096"];
        std::fs::write(&path, "body_limit = 2048\nworkers = 3\ncors_origins = [\"https://a.example\"]")
            .unwrap();
        let matches = with_file(Alone::command(), &arguments).unwrap().get_matches_from(arguments);
        let settings = Settings::check(&Alone::from_arg_matches(&matches).unwrap().given).unwrap();
        assert_eq!((settings.body_limit, settings.workers), (4096, 3));
        assert_eq!(settings.cors_origins, ["https://a.example"]);

        std::fs::write(&path, "body_limits = 2048").unwrap();
        let refused = with_file(Alone::command(), &arguments).unwrap_err();
        assert!(refused.to_string().contains("body_limits"));
    }
}
