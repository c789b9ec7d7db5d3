//! Handing duties to a deputy, and taking them back. Nothing of it is deleted: it says under what somebody acted.

use std::collections::{BTreeSet, HashMap};
use std::slice;
use std::sync::Arc;

use domain::access::{DelegationRequest, Staff, stand_in};
use domain::audit::AuditedAct;
use domain::id::{DelegationId, OfDelegation, UserId};
use domain::organisation::Directory;
use domain::refusal::{FieldCode, Refusal};
use store::delegations::{self, Delegation, Wanted};
use store::{AnyConnection, Instant, StoreError, meta, users};

use super::ServiceError;
use super::audit::{self, Acted, Client};
use super::cases::Call;
use super::repeatable::{KEPT_FOR_STAFF, repeatable};
use crate::app::App;
use crate::http::answer::Answer;
use crate::http::delegations::{DelegationView, MyDelegations};

/// The most delegations that somebody is told of at once.
const MOST_OF_ONE: i64 = 200;

/// The principal's place as the deputy fills it now; none where they do not.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub fn place_of(
    connection: &mut AnyConnection,
    directory: &Directory,
    principal: UserId,
    deputy: UserId,
    at: Instant,
) -> Result<Option<Staff>, StoreError> {
    let mut handed = BTreeSet::new();
    for delegation in delegations::in_force(connection, principal.get(), deputy.get(), at)? {
        handed.extend(delegation.duties);
    }
    let two = directory.staff(principal).zip(directory.staff(deputy));
    Ok(two.and_then(|(principal, deputy)| stand_in(principal, deputy, &handed)))
}

/// Whose duties are handed over, and who does it.
#[derive(Debug, Clone, Copy)]
pub struct Giving {
    /// In whose place the deputy is to act.
    pub principal: UserId,
    /// The principal, or a security administrator for one who cannot.
    pub given_by: UserId,
}

/// Hands duties to a deputy.
///
/// # Errors
/// The fields that do not hold.
pub async fn give(
    app: &Arc<App>,
    call: Call,
    giving: Giving,
    request: DelegationRequest,
) -> Result<Answer, ServiceError> {
    let Call { caller_key, client, key, fingerprint, .. } = call;
    let id = app.ids.next::<OfDelegation>();
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        // Two at once would not see each other.
        meta::lock_directories(connection)?;
        let now = inner.clock.now();
        let office = inner.offices.current(connection)?;
        let principal = office.directory.staff(giving.principal);
        let principal = principal.ok_or_else(|| Refusal::field("/principal", FieldCode::UnknownUser))?;
        request.check(principal, office.directory.staff(request.deputy), now)?;
        let lasts = (request.begins_at(now).into(), request.ends_at().into());
        let (of, to) = (giving.principal.get(), request.deputy.get());
        if delegations::is_given_between(connection, of, to, lasts)? {
            return Err(ServiceError::AlreadyDelegated);
        }
        let delegation = Delegation {
            id: id.get(),
            principal_id: giving.principal.get(),
            deputy_id: request.deputy.get(),
            duties: request.duties.clone(),
            reason: request.reason.as_str().to_owned(),
            from_at: request.begins_at(now).into(),
            until_at: request.ends_at().into(),
            created_at: now.into(),
            created_by_id: giving.given_by.get(),
            ended_at: None,
            ended_by_id: None,
        };
        delegations::insert(connection, &delegation)?;
        let view = shown(connection, &delegation, now.into())?;
        let acted = Acted::done(AuditedAct::GiveDelegation).on_account(giving.principal).with(&view)?;
        audit::record(connection, &inner, &client, &acted)?;
        Ok(Answer::ok(&view)?)
    };
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await
}

/// Ends a delegation before its time; one that is over stays as it is. `of` is one of its two, where only they may.
///
/// # Errors
/// There is none, or none of that user.
pub async fn end(
    app: &Arc<App>,
    call: Call,
    id: DelegationId,
    ended_by: UserId,
    of: Option<UserId>,
) -> Result<Answer, ServiceError> {
    let Call { caller_key, client, key, fingerprint, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        let now = Instant::from(inner.clock.now());
        let delegation = delegations::find(connection, id.get())?;
        let two = [delegation.principal_id, delegation.deputy_id];
        if of.is_some_and(|user| !two.contains(&user.get())) {
            return Err(ServiceError::NotFound);
        }
        let is_over = delegation.until_at <= now;
        if is_over || !delegations::end(connection, id.get(), now, ended_by.get())? {
            return Ok(Answer::ok(&shown(connection, &delegation, now)?)?);
        }
        let delegation = delegations::find(connection, id.get())?;
        let view = shown(connection, &delegation, now)?;
        let principal = UserId::new(delegation.principal_id);
        let acted = Acted::done(AuditedAct::EndDelegation).on_account(principal).with(&view)?;
        audit::record(connection, &inner, &client, &acted)?;
        Ok(Answer::ok(&view)?)
    };
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await
}

/// Ends, in this transaction, all that a user has handed over or was handed, because their account no longer is what it was.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub fn end_all_of(
    connection: &mut AnyConnection,
    app: &App,
    client: &Client,
    user: UserId,
) -> Result<(), ServiceError> {
    let now = Instant::from(app.clock.now());
    let by = client.user.unwrap_or(user);
    for id in delegations::end_all_of(connection, user.get(), now, by.get())? {
        let ended = delegations::find(connection, id)?;
        let view = shown(connection, &ended, now)?;
        let principal = UserId::new(ended.principal_id);
        let acted = Acted::done(AuditedAct::EndDelegation).on_account(principal).with(&view)?;
        audit::record(connection, app, client, &acted)?;
    }
    Ok(())
}

/// What the user has handed over and what was handed to them, as far as it is in force or to come; the newest of many.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub async fn of_user(app: &App, user: UserId) -> Result<MyDelegations, ServiceError> {
    let now = Instant::from(app.clock.now());
    let found = app.store.read(move |connection| {
        let mut wanted = Wanted { still_at: Some(now), ..Wanted::default() };
        wanted.principal_id = Some(user.get());
        let given = delegations::list(connection, &wanted, MOST_OF_ONE)?;
        wanted = Wanted { principal_id: None, deputy_id: Some(user.get()), ..wanted };
        let received = delegations::list(connection, &wanted, MOST_OF_ONE)?;
        Ok::<_, StoreError>(MyDelegations {
            given: all_shown(connection, &given, now)?,
            received: all_shown(connection, &received, now)?,
        })
    });
    Ok(found.await?)
}

/// Up to `limit` delegations, the newest first.
///
/// # Errors
/// A row that does not parse, or what the database says.
pub async fn list(app: &App, wanted: Wanted, limit: i64) -> Result<Vec<DelegationView>, ServiceError> {
    let now = Instant::from(app.clock.now());
    let found = app.store.read(move |connection| {
        let found = delegations::list(connection, &wanted, limit)?;
        all_shown(connection, &found, now)
    });
    Ok(found.await?)
}

fn shown(
    connection: &mut AnyConnection,
    delegation: &Delegation,
    now: Instant,
) -> Result<DelegationView, StoreError> {
    Ok(DelegationView::of(delegation, &names_in(connection, slice::from_ref(delegation))?, now))
}

fn all_shown(
    connection: &mut AnyConnection,
    delegations: &[Delegation],
    now: Instant,
) -> Result<Vec<DelegationView>, StoreError> {
    let names = names_in(connection, delegations)?;
    Ok(delegations.iter().map(|delegation| DelegationView::of(delegation, &names, now)).collect())
}

fn names_in(
    connection: &mut AnyConnection,
    delegations: &[Delegation],
) -> Result<HashMap<i64, String>, StoreError> {
    let everybody = delegations.iter().flat_map(|delegation| {
        let three = [delegation.principal_id, delegation.deputy_id, delegation.created_by_id];
        three.into_iter().chain(delegation.ended_by_id)
    });
    users::display_names(connection, everybody)
}
