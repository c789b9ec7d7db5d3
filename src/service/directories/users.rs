//! Accounts: who works where, in which role and with which duties; the three administrators stay out of cases.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Role, Staff};
use domain::audit::AuditedAct;
use domain::id::{OfUser, UserId};
use domain::refusal::FieldCode;
use domain::region::RegionLevel;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use store::users::{self, User, UserFilter};
use store::{
    AnyConnection, StoreError, external_identities, meta, organisations, regions, second_factors, sessions,
};

use super::regions::is_in_force;
use super::{DirectoryFault, Faults, Versioned, read, with_field};
use crate::app::App;
use crate::http::admin::users::{AccountExtras, AccountView, NewUser, UserEntry};
use crate::http::answer::Answer;
use crate::http::users::StaffView;
use crate::identity::password::{self, Chooser};
use crate::identity::provider::is_subject;
use crate::identity::{field_refused, refuse_used_before, unlock as unlock_sign_in};
use crate::identity::{second_factor, single_sign_on};
use crate::service::ServiceError;
use crate::service::audit::{self, Acted, Client};
use crate::service::cases::Call;
use crate::service::delegations;
use crate::service::repeatable::{KEPT_FOR_STAFF, is_kept, repeatable};

/// Whether the text may be a user name: 3 to 64 of a-z, 0-9, dot, hyphen and underscore.
pub fn is_username(text: &str) -> bool {
    let is_sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    (3..=64).contains(&text.len()) && text.bytes().all(is_sound)
}

/// The version of an account: when it last changed, in microseconds.
pub fn version_of(user: &User) -> i64 {
    DateTime::<Utc>::from(user.updated_at).timestamp_micros()
}

/// Up to `limit` active colleagues after the id, in the order of their ids; grid members see their own unit's.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub async fn colleagues(
    app: &App,
    caller: Staff,
    filter: UserFilter,
    after: Option<UserId>,
    limit: i64,
) -> Result<Versioned<Vec<StaffView>>, ServiceError> {
    let mut filter = UserFilter { active: Some(true), ..filter };
    if caller.role == Role::GridMember {
        let own = caller.organisation;
        if filter.organisation.is_some_and(|wanted| wanted != own) {
            return read(app, |_| Ok(Vec::new())).await;
        }
        filter.organisation = Some(own);
    }
    read(app, move |connection| {
        let (users, names) = page_of(connection, &filter, after, limit)?;
        Ok(users.iter().map(|user| StaffView::of(user, &names)).collect::<Result<_, _>>()?)
    })
    .await
}

/// Up to `limit` accounts after the id, in the order of their ids.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub async fn list(
    app: &App,
    filter: UserFilter,
    after: Option<UserId>,
    limit: i64,
) -> Result<Versioned<Vec<AccountView>>, ServiceError> {
    let issuer = issuer_of(app);
    read(app, move |connection| {
        let (users, names) = page_of(connection, &filter, after, limit)?;
        let extras = extras_of(connection, issuer.as_deref(), &users, names)?;
        let show = |user| AccountView::of(user, &extras);
        Ok(users.iter().map(show).collect::<Result<_, _>>()?)
    })
    .await
}

/// A page of users, and the names of their organisations.
fn page_of(
    connection: &mut AnyConnection,
    filter: &UserFilter,
    after: Option<UserId>,
    limit: i64,
) -> Result<(Vec<User>, HashMap<i64, String>), StoreError> {
    let users = users::list(connection, filter, after.map(UserId::get), limit)?;
    let names = organisations::names(connection, users.iter().map(|user| user.organisation_id))?;
    Ok((users, names))
}

/// The account with the name of its organisation.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub fn account(connection: &mut AnyConnection, app: &App, user: &User) -> Result<AccountView, StoreError> {
    let names = organisations::names(connection, [user.organisation_id])?;
    let issuer = issuer_of(app);
    AccountView::of(user, &extras_of(connection, issuer.as_deref(), std::slice::from_ref(user), names)?)
}

/// What the provider of single sign-on calls itself, where there is one.
fn issuer_of(app: &App) -> Option<String> {
    app.provider.as_ref().map(|provider| provider.issuer().to_owned())
}

fn extras_of(
    connection: &mut AnyConnection,
    issuer: Option<&str>,
    users: &[User],
    organisations: HashMap<i64, String>,
) -> Result<AccountExtras, StoreError> {
    let ids = || users.iter().map(|user| user.id);
    let links = issuer.map(|issuer| external_identities::linked_among(connection, issuer, ids()));
    let links = links.transpose()?.unwrap_or_default();
    let authenticators = second_factors::confirmed_among(connection, ids())?;
    Ok(AccountExtras { organisations, authenticators, links })
}

/// The account with its version.
///
/// # Errors
/// There is none.
pub async fn find(app: &Arc<App>, id: UserId) -> Result<Versioned<AccountView>, ServiceError> {
    let inner = Arc::clone(app);
    let found = app.store.read(move |connection| {
        let user = users::find(connection, id.get())?;
        Ok::<_, StoreError>((version_of(&user), account(connection, &inner, &user)?))
    });
    Ok(found.await?)
}

/// A password that was given, or one made here and told once.
struct NewPassword {
    hash: String,
    /// What to tell, where it was made here.
    made: Option<SecretString>,
}

impl NewPassword {
    async fn of(
        app: &App,
        chooser: Chooser<'_>,
        given: Option<SecretString>,
        before: Option<&User>,
    ) -> Result<Self, ServiceError> {
        let Some(given) = given else {
            let made = password::generate();
            return Ok(Self { hash: app.passwords.hash(made.clone()).await?, made: Some(made) });
        };
        password::check_chosen(&chooser, &given)
            .map_err(|weak| field_refused("/password", weak.code, weak.english))?;
        if let Some(user) = before {
            refuse_used_before(app, user, &given, "/password").await?;
        }
        Ok(Self { hash: app.passwords.hash(given).await?, made: None })
    }

    /// Adds the password that was made here, which the answer that is kept for repetitions is without.
    fn told_in(self, answer: Answer) -> Result<Answer, ServiceError> {
        match self.made {
            Some(made) if !answer.replayed => {
                with_field(answer, "password", Value::from(made.expose_secret()))
            }
            _ => Ok(answer),
        }
    }
}

/// Adds an account.
///
/// # Errors
/// The entry does not hold; the name is taken; the password is weak.
pub async fn add(app: &Arc<App>, call: Call, new: NewUser) -> Result<Answer, ServiceError> {
    if !is_username(&new.username) {
        return Err(Faults::only("/username", DirectoryFault::MalformedUsername));
    }
    let entry = new.entry();
    let chooser = Chooser { username: &new.username, display_name: new.display_name.as_str() };
    let password = NewPassword::of(app, chooser, new.password, None).await?;
    let (id, now) = (app.ids.next::<OfUser>(), app.clock.now());
    let today = app.clock.today(app.settings.time_zone);
    let user = User {
        id: id.get(),
        username: new.username,
        password_hash: password.hash.clone(),
        created_at: now.into(),
        updated_at: now.into(),
        password_changed_at: now.into(),
        ..entered(&entry)
    };
    let Call { caller_key, client, key, fingerprint, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        meta::lock_directories(connection)?;
        let mut faults = check(connection, &entry, today)?;
        let is_free = users::find_by_username(connection, &user.username)?.is_none();
        faults.expect(is_free, "/username", DirectoryFault::UsernameTaken);
        faults.finish()?;
        users::insert(connection, &user)?;
        let view = account(connection, &inner, &user)?;
        let acted = Acted::done(AuditedAct::AddAccount).on_account(id).with(&view)?;
        audit::record(connection, &inner, &client, &acted)?;
        Ok(Answer::created(&view, format!("/api/v1/admin/users/{id}"))?.version(version_of(&user)))
    };
    let answer = repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await?;
    password.told_in(answer)
}

/// What of an account its entry says; the rest is to be filled in.
fn entered(entry: &UserEntry) -> User {
    let never = DateTime::<Utc>::UNIX_EPOCH.into();
    User {
        id: 0,
        username: String::new(),
        display_name: entry.display_name.as_str().to_owned(),
        password_hash: String::new(),
        role: entry.role.as_ref().to_owned(),
        duties: entry.duties.iter().map(|duty| duty.as_ref().to_owned()).collect(),
        organisation_id: entry.organisation.get(),
        territory: entry.territory.as_ref().map(|code| code.as_str().to_owned()),
        active: entry.active,
        created_at: never,
        updated_at: never,
        password_changed_at: never,
    }
}

/// Changes an account to what is given; whoever is disabled is signed out at once. What was handed over by or to somebody who is
/// disabled, or has another organisation or role, is ended.
///
/// # Errors
/// There is none; the entry does not hold; it is the caller's own role or duties; the version has moved on.
pub async fn update(
    app: &Arc<App>,
    call: Call,
    id: UserId,
    entry: UserEntry,
) -> Result<Answer, ServiceError> {
    let now = app.clock.now();
    let today = app.clock.today(app.settings.time_zone);
    let Call { actor, caller_key, client, key, fingerprint, expected, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        meta::lock_directories(connection)?;
        let before = users::find(connection, id.get())?;
        if !expected.is_met_by(version_of(&before)) {
            return Err(ServiceError::VersionLost);
        }
        let after = User {
            id: before.id,
            username: before.username.clone(),
            password_hash: before.password_hash.clone(),
            created_at: before.created_at,
            updated_at: later_than(before.updated_at.into(), now).into(),
            password_changed_at: before.password_changed_at,
            ..entered(&entry)
        };
        let mut faults = check(connection, &entry, today)?;
        if actor.user() == Some(id) {
            check_own(&before, &after, &mut faults);
        }
        check_security_administrator_stays(connection, &before, &after, &mut faults)?;
        faults.finish()?;
        users::update(connection, &after)?;
        if !after.active {
            sessions::revoke_user(connection, after.id, now.into())?;
            second_factors::end_challenges(connection, after.id)?;
        }
        let is_another = before.organisation_id != after.organisation_id || before.role != after.role;
        if !after.active || is_another {
            delegations::end_all_of(connection, &inner, &client, id)?;
        }
        let view = account(connection, &inner, &after)?;
        let changed =
            BTreeMap::from([("before", account(connection, &inner, &before)?), ("after", view.clone())]);
        let acted = Acted::done(AuditedAct::UpdateAccount).on_account(id).with(&changed)?;
        audit::record(connection, &inner, &client, &acted)?;
        Ok(Answer::ok(&view)?.version(version_of(&after)))
    };
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await
}

/// Gives an account another password, takes its second factor away if that is asked for, and ends all its sessions and delegations.
///
/// # Errors
/// There is none; the password is weak.
pub async fn reset_password(
    app: &Arc<App>,
    call: Call,
    id: UserId,
    given: Option<SecretString>,
    second_factor: bool,
) -> Result<Answer, ServiceError> {
    let user = app.store.read(move |connection| users::find(connection, id.get())).await?;
    let chooser = Chooser { username: &user.username, display_name: &user.display_name };
    let Call { caller_key, client, key, fingerprint, .. } = call;
    // A repetition is answered with what is kept, and finds the password that it has set itself.
    let is_repetition = is_kept(app, &caller_key, key.as_ref()).await?;
    let before = Some(&user).filter(|_| !is_repetition);
    let password = match NewPassword::of(app, chooser, given, before).await {
        Err(refused @ ServiceError::Fields(_)) => {
            // Otherwise an administrator could try what somebody's password is.
            let acted = Acted::refused(AuditedAct::ResetPassword).on_account(id);
            audit::note(app, client, acted).await?;
            return Err(refused);
        }
        password => password?,
    };
    let hash = password.hash.clone();
    let now = app.clock.now();
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        meta::lock_directories(connection)?;
        let before = users::find(connection, id.get())?;
        let at = later_than(before.updated_at.into(), now);
        users::set_password(connection, id.get(), &hash, at.into())?;
        sessions::revoke_user(connection, id.get(), now.into())?;
        unlock_sign_in(connection, id)?;
        let user = users::find(connection, id.get())?;
        let view = account(connection, &inner, &user)?;
        let acted = Acted::done(AuditedAct::ResetPassword).on_account(id);
        audit::record(connection, &inner, &client, &acted)?;
        // Whoever knew the old one may have made some.
        delegations::end_all_of(connection, &inner, &client, id)?;
        if second_factor {
            second_factor::take_away(connection, &inner, &client, id)?;
        }
        Ok(Answer::ok(&view)?.version(version_of(&user)))
    };
    let answer = repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await?;
    password.told_in(answer)
}

/// Lets an account sign in again that is locked after failed sign-ins.
///
/// # Errors
/// There is none.
pub async fn unlock(app: &Arc<App>, client: Client, id: UserId) -> Result<(), ServiceError> {
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        users::find(connection, id.get())?;
        unlock_sign_in(connection, id)?;
        let acted = Acted::done(AuditedAct::UnlockAccount).on_account(id);
        audit::record(connection, &inner, &client, &acted)
    };
    Ok(app.store.write(work).await?)
}

/// Takes the links of an account to single sign-on away, and ends its sessions and delegations.
///
/// # Errors
/// There is no such account, or it is not linked.
pub async fn unlink(app: &Arc<App>, client: Client, id: UserId) -> Result<(), ServiceError> {
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| match take_links_away(connection, &inner, &client, id)? {
        true => Ok(()),
        false => Err(ServiceError::NotFound),
    };
    app.store.write(work).await
}

/// What [`unlink`] does, and whether there was anything to do.
fn take_links_away(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    id: UserId,
) -> Result<bool, ServiceError> {
    let now = app.clock.now();
    users::password_hash_to_change(connection, id.get())?;
    let identities = external_identities::unlink(connection, id.get(), now.into())?;
    if identities.is_empty() {
        return Ok(false);
    }
    users::touch(connection, id.get(), now)?;
    sessions::revoke_user(connection, id.get(), now.into())?;
    second_factors::end_challenges(connection, id.get())?;
    for identity in &identities {
        let acted = single_sign_on::linking(AuditedAct::UnlinkAccount, id, identity)?;
        audit::record(connection, app, client, &acted)?;
    }
    // Whoever was linked may have made some.
    delegations::end_all_of(connection, app, client, id)?;
    Ok(true)
}

/// Links an account to somebody at the provider, in the place of whom it is linked to.
///
/// # Errors
/// There is no provider, or no such account; the subject is none, or linked to another account.
pub async fn link(app: &Arc<App>, client: Client, id: UserId, subject: String) -> Result<(), ServiceError> {
    let provider = app.provider.as_ref().ok_or(ServiceError::SingleSignOnOff)?;
    if !is_subject(&subject) {
        let wanted = "1 to 255 characters, none of them a control character";
        return Err(field_refused("/subject", "invalid_value", wanted));
    }
    let inner = Arc::clone(app);
    let issuer = provider.issuer().to_owned();
    let work = move |connection: &mut AnyConnection| {
        users::password_hash_to_change(connection, id.get())?.ok_or(ServiceError::NotFound)?;
        let known = external_identities::find(connection, &issuer, &subject)?;
        match known.filter(|known| known.unlinked_at.is_none()) {
            Some(linked) if linked.user_id == id.get() => return Ok(()),
            Some(_) => return Err(ServiceError::AlreadyLinked),
            None => {}
        }
        take_links_away(connection, &inner, &client, id)?;
        let act = AuditedAct::LinkAccount;
        single_sign_on::link(connection, &inner, &client, act, id, (&issuer, &subject))
    };
    app.store.write(work).await
}

/// The present, or the next microsecond where two changes would share one and so one version.
fn later_than(before: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(before + TimeDelta::microseconds(1))
}

/// Whether role, duties, organisation and territory go together (GB/T 22239 level 3: the administrators stay apart).
///
/// # Errors
/// What the database says.
pub fn check(
    connection: &mut AnyConnection,
    entry: &UserEntry,
    today: chrono::NaiveDate,
) -> Result<Faults, ServiceError> {
    let mut faults = Faults::default();
    let is_administrator = entry.role.is_administrator();
    faults.expect(
        !is_administrator || entry.duties.is_empty(),
        "/duties",
        DirectoryFault::AdministratorHasDuties,
    );
    faults.expect(
        !is_administrator || entry.territory.is_none(),
        "/territory",
        DirectoryFault::AdministratorHasTerritory,
    );
    let is_small = |level| matches!(level, RegionLevel::Grid | RegionLevel::Village);
    let has_grid = entry.territory.as_ref().is_some_and(|territory| is_small(territory.level()));
    faults.expect(
        entry.role != Role::GridMember || has_grid,
        "/territory",
        DirectoryFault::GridTerritoryMissing,
    );
    let organisation = match organisations::find(connection, entry.organisation.get()) {
        Ok(row) => row.active,
        Err(StoreError::NotFound) => false,
        Err(error) => return Err(error.into()),
    };
    faults.expect(organisation, "/organisation", FieldCode::UnknownOrganisation);
    if let Some(territory) = &entry.territory {
        let in_force = match regions::find(connection, territory.as_str()) {
            Ok(row) => is_in_force(&row, today),
            Err(StoreError::NotFound) => false,
            Err(error) => return Err(error.into()),
        };
        faults.expect(in_force, "/territory", FieldCode::UnknownRegion);
    }
    Ok(faults)
}

fn check_own(before: &User, after: &User, faults: &mut Faults) {
    faults.expect(before.role == after.role, "/role", DirectoryFault::OwnRoleOrDuties);
    let held = |user: &User| user.duties.iter().cloned().collect::<std::collections::BTreeSet<_>>();
    faults.expect(held(before) == held(after), "/duties", DirectoryFault::OwnRoleOrDuties);
}

fn check_security_administrator_stays(
    connection: &mut AnyConnection,
    before: &User,
    after: &User,
    faults: &mut Faults,
) -> Result<(), ServiceError> {
    let counts = |user: &User| user.active && user.role == Role::SecurityAdministrator.as_ref();
    if counts(before) && !counts(after) {
        let filter = UserFilter {
            roles: vec![Role::SecurityAdministrator],
            active: Some(true),
            ..UserFilter::default()
        };
        let stays = users::list(connection, &filter, None, 2)?.iter().any(|user| user.id != after.id);
        let pointer = if after.active { "/role" } else { "/active" };
        faults.expect(stays, pointer, DirectoryFault::LastSecurityAdministrator);
    }
    Ok(())
}
