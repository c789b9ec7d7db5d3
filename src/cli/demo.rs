//! `daowei demo`: a municipality to try everything on, with nothing to set up.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use super::serve::{listen, say, until_asked_to_end};
use crate::app::App;
use crate::clock::Clock;
use crate::config::keys::Keys;
use crate::config::{Given, SecondFactorFor, Settings};
use crate::demo::{self, Account, PASSWORD};

/// The grid member whose walk the printed commands begin.
const WALKER: &str = "grid.0101";

#[derive(clap::Args)]
pub struct Demo {
    #[command(flatten)]
    given: Given,
    /// Print one line of JSON on standard output when ready: the address and the accounts
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub fn run(&self) -> anyhow::Result<()> {
        let mut settings = super::begin(&self.given)?;
        if self.given.second_factor_for.is_none() {
            // The printed passwords are for trying things out, and nobody has these people's authenticators.
            settings.second_factor_for = SecondFactorFor::default();
        }
        let data = settings.data.display().to_string();
        let (app, accounts) = prepared(settings)?;
        // Taken only now: a client that finds the port open is answered at once.
        let listener = listen(&app.settings)?;
        let json = self.json;
        until_asked_to_end(app, listener, move |url| {
            if json {
                say(&json!({ "url": url, "accounts": accounts }).to_string())
            } else {
                say(&welcome(url, &data, &accounts))
            }
        })
    }
}

fn prepared(settings: Settings) -> anyhow::Result<(Arc<App>, Vec<Account>)> {
    let (keys, made) = Keys::load_or_make(&settings)?;
    for path in made {
        tracing::info!(path = %path.display(), "made a key");
    }
    let app = Arc::new(App::build_to_serve(settings, &keys, Clock::system())?);
    let accounts = tokio::runtime::Runtime::new()?.block_on(demo::prepare(&app))?;
    Ok((app, accounts))
}

/// What a person sees: the accounts first and the commands last, where the terminal still shows them.
fn welcome(url: &str, data: &str, accounts: &[Account]) -> String {
    let mut text = String::from("The accounts of the demonstration (到位市, which does not exist):\n\n");
    let width = |length: fn(&Account) -> usize| accounts.iter().map(length).max().unwrap_or_default();
    let names = width(|account| account.username.len());
    let roles = width(|account| account.role.len());
    for account in accounts {
        let territory = account.territory.as_deref().unwrap_or("-");
        let duties = if account.duties.is_empty() { "-".to_owned() } else { account.duties.join(",") };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {:names$}  {:roles$}  {territory:15}  {}  {duties}",
            account.username, account.role, account.organisation,
        );
    }
    let _ = write!(
        text,
        "\nThe password of each is {PASSWORD} (for the demonstration only).\n\
         The data are in {data}; a second start keeps them. The API's page is {url}/docs\n\
         \n\
         daowei answers at {url}. Sign in as a grid member, list the cases, file one:\n\
         \n{}\n",
        commands(url).join("\n"),
    );
    text
}

/// Three lines for bash with nothing but curl and sed: sign in, list the cases, file a case.
fn commands(url: &str) -> [String; 3] {
    let json = "-H 'Content-Type: application/json'";
    let token = "-H \"Authorization: Bearer $TOKEN\"";
    let sign_in = json!({ "username": WALKER, "password": PASSWORD });
    let filing = json!({
        "purpose": "claim", "channel": "visit", "subject": "村道积水",
        "narrative": "柳溪村3组村道下雨即积水，老人孩子无法出行，请求修整排水沟。",
        "region": "990121100201001",
        "petitioners": [{ "name": "田谷雨", "phone": "19900000999" }],
    });
    [
        format!(
            "TOKEN=$(curl -sS {url}/api/v1/auth/sign-in {json} -d '{sign_in}' \
             | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')"
        ),
        format!("curl -sS '{url}/api/v1/cases?limit=3' {token}"),
        format!(
            "curl -sS {url}/api/v1/cases {token} {json} -H \"Idempotency-Key: demo-$(date +%s)-$RANDOM\" \
             -d '{filing}'"
        ),
    ]
}
