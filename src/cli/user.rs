//! `daowei user`: the way to the first administrator, and back for the last one who has lost their authenticator.

use std::io::Read;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use domain::access::{Duty, Role};
use domain::audit::AuditedAct;
use domain::id::{Id, OfOrganisation, OfUser, OrganisationId, UserId};
use domain::organisation::{OrganisationKind, OrganisationLevel};
use domain::region::{RegionCode, RegionLevel};
use domain::text::Line;
use secrecy::{ExposeSecret, SecretString};
use store::organisations::OrganisationRow;
use store::regions::RegionRow;
use store::users::User;
use store::{AnyConnection, Failure, StoreError, meta, organisations, regions, sessions, users};

use super::serve::say;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Given;
use crate::config::keys::Keys;
use crate::http::admin::users::UserEntry;
use crate::identity::{password, second_factor, unlock};
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};
use crate::service::directories::users::{account, check, is_username};

#[derive(clap::Subcommand)]
pub enum UserCommand {
    /// Add an account; the first call also makes the key files, and the organisation if there is none yet
    Add(Box<Add>),
    /// Give an account another password and take its second factor away, whose authenticator and recovery codes are lost; ends its
    /// sessions, and unlocks it
    ResetSecondFactor(Box<ResetSecondFactor>),
}

#[derive(clap::Args)]
pub struct ResetSecondFactor {
    #[command(flatten)]
    given: Given,
    /// The name to sign in with
    #[arg(long)]
    username: String,
}

#[derive(clap::Args)]
pub struct Add {
    #[command(flatten)]
    given: Given,
    /// The name to sign in with
    #[arg(long)]
    username: String,
    /// The name to show [default: the user name]
    #[arg(long)]
    name: Option<String>,
    /// What the user is: grid_member, official, reviewer, system_administrator, security_administrator or auditor
    #[arg(long, value_parser = parse::<Role>)]
    role: Role,
    /// What the user is charged with, separated by commas
    #[arg(long, value_delimiter = ',', value_parser = parse::<Duty>)]
    duty: Vec<Duty>,
    /// The organisation, by identifier or name [default: the only one there is]
    #[arg(long)]
    organisation: Option<String>,
    /// The code of the region the user works for
    #[arg(long, value_parser = parse_region)]
    territory: Option<RegionCode>,
    /// Read the password from standard input instead of making one up
    #[arg(long)]
    password_stdin: bool,
    /// In an empty database: the code of the office's region, 12 digits
    #[arg(long, value_parser = parse_region)]
    region: Option<RegionCode>,
    /// In an empty database: the name of the office's region
    #[arg(long)]
    region_name: Option<String>,
}

fn parse<T: std::str::FromStr + strum::VariantArray + Into<&'static str> + Copy + 'static>(
    text: &str,
) -> Result<T, String> {
    text.parse().map_err(|_unknown| {
        let known: Vec<&str> = T::VARIANTS.iter().map(|known| (*known).into()).collect();
        format!("known are {}", known.join(", "))
    })
}

fn parse_region(text: &str) -> Result<RegionCode, String> {
    text.parse().map_err(|error: domain::region::RegionError| error.to_string())
}

impl UserCommand {
    pub fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Add(add) => add.run(),
            Self::ResetSecondFactor(reset) => reset.run(),
        }
    }
}

impl ResetSecondFactor {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let keys = Keys::load(&settings)?;
        let app = Arc::new(App::build(settings, &keys, Clock::system())?);
        let runtime = tokio::runtime::Runtime::new()?;
        let password = password::generate();
        let reset = runtime.block_on(self.reset(&app, password.clone()));
        runtime.block_on(app.store.close());
        reset?;
        say(&format!("{} has another password, and no second factor any more", self.username))?;
        say(&format!("password: {}", password.expose_secret()))
    }

    async fn reset(&self, app: &Arc<App>, password: SecretString) -> anyhow::Result<()> {
        let hash = app.passwords.hash(password).await?;
        let (username, inner, now) = (self.username.clone(), Arc::clone(app), app.clock.now().into());
        let reset = app.store.write(move |connection| {
            meta::lock_directories(connection)?;
            let user = users::find_by_username(connection, &username)?.ok_or(StoreError::NotFound)?;
            let id = UserId::new(user.id);
            users::set_password(connection, user.id, &hash, now)?;
            sessions::revoke_user(connection, user.id, now)?;
            unlock(connection, id)?;
            second_factor::take_away(connection, &inner, &Client::COMMAND_LINE, id)
        });
        match reset.await {
            Err(StoreError::NotFound) => bail!("there is no user {}", self.username),
            reset => Ok(reset?),
        }
    }
}

impl Add {
    fn run(&self) -> anyhow::Result<()> {
        let settings = super::begin(&self.given)?;
        let (password, is_generated) = self.password()?;
        let (keys, made) = Keys::load_or_make(&settings)?;
        for path in made {
            eprintln!("made {}; without it nothing that it seals can be read: back it up", path.display());
        }
        let app = Arc::new(App::build(settings, &keys, Clock::system())?);
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(self.add(&app, password.clone()))?;
        runtime.block_on(app.store.close());
        say(&format!("added {}", self.username))?;
        if is_generated {
            say(&format!("password: {}", password.expose_secret()))?;
        }
        Ok(())
    }

    fn password(&self) -> anyhow::Result<(SecretString, bool)> {
        if !self.password_stdin {
            return Ok((password::generate(), true));
        }
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("the password on standard input")?;
        let password = SecretString::from(text.trim_end_matches(['\r', '\n']));
        let display_name = self.name.as_deref().unwrap_or(&self.username);
        let chooser = password::Chooser { username: &self.username, display_name };
        if let Err(weak) = password::check_chosen(&chooser, &password) {
            bail!("the password: {}", weak.english);
        }
        Ok((password, false))
    }

    async fn add(&self, app: &Arc<App>, password: SecretString) -> anyhow::Result<()> {
        if !is_username(&self.username) {
            bail!("a user name is 3 to 64 of a-z, 0-9, dot, hyphen and underscore");
        }
        let now = app.clock.now();
        let user = User {
            id: app.ids.next::<OfUser>().get(),
            username: self.username.clone(),
            display_name: self.name.clone().unwrap_or_else(|| self.username.clone()),
            password_hash: app.passwords.hash(password).await?,
            role: self.role.as_ref().to_owned(),
            duties: self.duty.iter().map(|duty| duty.as_ref().to_owned()).collect(),
            organisation_id: 0,
            territory: self.territory.as_ref().map(|code| code.as_str().to_owned()),
            active: true,
            created_at: now.into(),
            updated_at: now.into(),
            password_changed_at: now.into(),
        };
        let today = app.clock.today(app.settings.time_zone);
        let first = self.first_organisation(app.ids.next::<OfOrganisation>(), today);
        let wanted = self.organisation.clone();
        let entry = UserEntry {
            display_name: Line::parse(&user.display_name).context("the name to show")?,
            role: self.role,
            duties: self.duty.iter().copied().collect(),
            organisation: OrganisationId::new(0),
            territory: self.territory.clone(),
            active: true,
        };
        let inner = Arc::clone(app);
        let added = app.store.write(move |connection| {
            meta::lock_directories(connection)?;
            let organisation_id = organisation(connection, wanted.as_deref(), first.as_ref())?;
            let entry = UserEntry { organisation: OrganisationId::new(organisation_id), ..entry.clone() };
            check(connection, &entry, today)?.finish()?;
            let user = User { organisation_id, ..user.clone() };
            users::insert(connection, &user)?;
            let acted = Acted::done(AuditedAct::AddAccount).on_account(UserId::new(user.id));
            let acted = acted.with(&account(connection, &inner, &user)?)?;
            Ok::<_, Refused>(audit::record(connection, &inner, &Client::COMMAND_LINE, &acted)?)
        });
        added.await.map_err(|refused| match refused {
            Refused::Store(error) if error.is_conflict_on("users_username_key") => {
                anyhow::anyhow!("there is already a user {}", self.username)
            }
            Refused::Entry(ServiceError::Fields(faults)) => {
                let told = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail.english));
                anyhow::anyhow!("{}", told.collect::<Vec<_>>().join("; "))
            }
            other => other.into(),
        })
    }

    /// What an empty database is begun with, where `--region` says so.
    fn first_organisation(
        &self,
        id: OrganisationId,
        today: NaiveDate,
    ) -> Option<(RegionRow, OrganisationRow)> {
        let code = self.region.as_ref()?;
        let name = self.region_name.clone().unwrap_or_else(|| code.as_str().to_owned());
        let level = match code.level() {
            RegionLevel::Province => OrganisationLevel::Province,
            RegionLevel::City => OrganisationLevel::City,
            RegionLevel::County => OrganisationLevel::County,
            RegionLevel::Township => OrganisationLevel::Township,
            RegionLevel::Village | RegionLevel::Grid => OrganisationLevel::Village,
        };
        let region = RegionRow {
            code: code.as_str().to_owned(),
            name: name.clone(),
            level: code.level().as_ref().to_owned(),
            parent_code: None,
            valid_from: today,
            valid_to: None,
            successor_code: None,
        };
        let organisation = OrganisationRow {
            id: id.get(),
            name: self.organisation.clone().unwrap_or_else(|| format!("{name}信访局")),
            kind: OrganisationKind::PetitionDepartment.as_ref().to_owned(),
            level: level.as_ref().to_owned(),
            region_code: code.as_str().to_owned(),
            superior_id: None,
            active: true,
        };
        Some((region, organisation))
    }
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(
        "the database has no organisation yet: say where the office is, as in \
         --region 330102000000 --region-name 上城区 --organisation 上城区信访局"
    )]
    NoOrganisation,
    #[error("say which organisation, by identifier or name: {0}")]
    WhichOrganisation(String),
    #[error(transparent)]
    Entry(#[from] ServiceError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for Refused {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Entry(error) => error.as_store_error(),
            Self::Store(error) => Some(error),
            Self::NoOrganisation | Self::WhichOrganisation(_) => None,
        }
    }
}

/// The wanted organisation, the only one there is, or the first one, made here.
fn organisation(
    connection: &mut AnyConnection,
    wanted: Option<&str>,
    first: Option<&(RegionRow, OrganisationRow)>,
) -> Result<i64, Refused> {
    let known = organisations::load_all(connection)?;
    if known.is_empty() {
        let (region, organisation) = first.ok_or(Refused::NoOrganisation)?;
        if regions::load_all(connection)?.iter().all(|known| known.code != region.code) {
            regions::insert(connection, region)?;
        }
        organisations::insert(connection, organisation)?;
        return Ok(organisation.id);
    }
    let matching = |row: &&OrganisationRow| {
        wanted.is_none_or(|wanted| row.name == wanted || shown_id(row.id).eq_ignore_ascii_case(wanted))
    };
    let mut found = known.iter().filter(matching);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.id),
        _ => {
            let shown = known.iter().map(|row| format!("{} {}", shown_id(row.id), row.name));
            Err(Refused::WhichOrganisation(shown.collect::<Vec<_>>().join(", ")))
        }
    }
}

fn shown_id(id: i64) -> String {
    Id::<OfOrganisation>::new(id).to_string()
}
