//! Destroying the personal data of a case after the retention term: one administrator proposes it, one of the other office agrees.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::access::{Actor, Role};
use domain::audit::{AuditOutcome, AuditedAct};
use domain::case::Command;
use domain::case::content::Erasure;
use domain::id::{CaseId, ErasureId, OfErasure, PersonId, UserId};
use domain::refusal::{FieldCode, Refusal, RefusalCode};
use domain::text::Remark;
use store::audit::Wanted;
use store::erasures::{self, Decision, ErasureRow, PENDING};
use store::{AnyConnection, StoreError, case_journal, case_keys, meta, people};

use super::ServiceError;
use super::audit::{self, Acted};
use super::cases::Call;
use super::execute::{Circumstances, execute};
use super::repeatable::{KEPT_FOR_STAFF, repeatable};
use crate::app::App;
use crate::http::admin::erasures::{DueCase, ErasureDecision, ErasureView};
use crate::http::answer::Answer;
use crate::http::conditional::Expected;

/// Proposes that the personal data of a case is destroyed.
///
/// # Errors
/// No such case; its file must still be kept; another proposal waits.
pub async fn propose(
    app: &Arc<App>,
    call: Call,
    proposed_by: UserId,
    case: CaseId,
    reason: Remark,
) -> Result<Answer, ServiceError> {
    let Call { caller_key, client, key, fingerprint, .. } = call;
    let id = app.ids.next::<OfErasure>();
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        let unknown = || Refusal::field("/case", FieldCode::UnknownCase);
        // What it was is told of none that is destroyed, not even whether it was an accusation.
        let found = match case_journal::load_case(connection, &inner.sealer, case) {
            Err(StoreError::Erased) => return Err(Refusal::new(RefusalCode::AlreadyErased).into()),
            found => found?.ok_or_else(unknown)?,
        };
        found.may_be_erased(inner.clock.today(inner.settings.time_zone))?;
        if found.is_confidential() && !case_journal::is_wholly_sealed(connection, case)? {
            return Err(ServiceError::ErasureIncomplete);
        }
        let kept = found.archived_on.zip(found.archiving.as_ref()).zip(found.retained_until());
        let ((archived_on, archiving), retained_until) =
            kept.ok_or_else(|| Refusal::new(RefusalCode::RetentionNotOver))?;
        let erasure = ErasureRow {
            id: id.get(),
            case_id: case.get(),
            archived_on,
            retention: archiving.retention.as_ref().to_owned(),
            retained_until,
            reason: reason.as_str().to_owned(),
            proposed_by_id: proposed_by.get(),
            proposed_at: inner.clock.now().into(),
            agreed: None,
            remark: None,
            decided_by_id: None,
            decided_at: None,
            people: None,
            mac: None,
        };
        erasures::insert(connection, &erasure).map_err(|error| match error.is_conflict_on(PENDING) {
            true => ServiceError::ErasureProposed,
            false => error.into(),
        })?;
        let view = ErasureView::of(erasure);
        let acted = Acted::done(AuditedAct::ProposeErasure).on_case(case, None).with(&view)?;
        audit::record(connection, &inner, &client, &acted)?;
        Ok(Answer::ok(&view)?)
    };
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await
}

/// Agrees to a proposal, and destroys the data in the same transaction; or does not.
///
/// # Errors
/// There is none, or it is decided; whoever proposed it decides; the domain's refusal.
pub async fn decide(
    app: &Arc<App>,
    call: Call,
    id: ErasureId,
    decided_by: UserId,
    decision: ErasureDecision,
) -> Result<Answer, ServiceError> {
    let Call { caller_key, client, key, fingerprint, .. } = call;
    let inner = Arc::clone(app);
    let work = move |connection: &mut AnyConnection| {
        // Two who decide at once do it one after the other.
        meta::lock_directories(connection)?;
        let proposed = erasures::find(connection, id.get())?;
        if proposed.proposed_by_id == decided_by.get() {
            return Err(Refusal::new(RefusalCode::AgreesToOwnProposal).into());
        }
        let made = Decision {
            agreed: decision.agreed,
            remark: decision.remark.as_str().to_owned(),
            by: decided_by.get(),
            at: inner.clock.now().into(),
        };
        if proposed.agreed.is_some() {
            return Err(ServiceError::ErasureDecided);
        }
        let case = CaseId::new(proposed.case_id);
        let mut people = Vec::new();
        if decision.agreed {
            check_independence(connection, &inner, &proposed, decided_by)?;
            let (proposed_by, agreed_by) = (UserId::new(proposed.proposed_by_id), decided_by);
            let reason = Remark::try_from(proposed.reason.clone()).map_err(|error| {
                let detail = format!("the reason of {id}: {error}");
                StoreError::Broken { table: "erasures", detail }
            })?;
            people = destroy(connection, &inner, case, Erasure { proposed_by, agreed_by, reason })?;
        }
        if !erasures::decide(connection, &inner.sealer, &proposed, &made, &people)? {
            return Err(ServiceError::ErasureDecided);
        }
        let decided = erasures::find(connection, id.get())?;
        let view = ErasureView::of(decided);
        let acted = Acted::done(AuditedAct::DecideErasure).on_case(case, None).with(&view)?;
        audit::record(connection, &inner, &client, &acted)?;
        Ok(Answer::ok(&view)?)
    };
    repeatable(app, &caller_key, key, fingerprint, KEPT_FOR_STAFF, work).await
}

/// For so long after somebody had an account in hand, it may be theirs.
const IN_HAND_FOR: TimeDelta = TimeDelta::days(30);

/// That whoever proposed it is still a system administrator, and that neither account was made, changed, reset or linked by an
/// administrator lately, since one person could have both in hand then.
fn check_independence(
    connection: &mut AnyConnection,
    app: &App,
    proposed: &ErasureRow,
    decided_by: UserId,
) -> Result<(), ServiceError> {
    let office = app.offices.current(connection)?;
    let proposer = UserId::new(proposed.proposed_by_id);
    let in_office = office.directory.staff(proposer).is_some_and(|it| it.role == Role::SystemAdministrator);
    let mut is_new = false;
    for user in [proposer, decided_by] {
        for act in [
            AuditedAct::AddAccount,
            AuditedAct::UpdateAccount,
            AuditedAct::ResetPassword,
            AuditedAct::ResetSecondFactor,
            AuditedAct::LinkAccount,
            AuditedAct::UnlinkAccount,
        ] {
            let wanted = Wanted {
                subject: Some(format!("user:{user}")),
                act: Some(act.as_ref().to_owned()),
                outcome: Some(AuditOutcome::Done.as_ref().to_owned()),
                from: Some((app.clock.now() - IN_HAND_FOR).into()),
                ..Wanted::default()
            };
            is_new |= !store::audit::search(connection, &wanted, 1)?.is_empty();
        }
    }
    if in_office && !is_new { Ok(()) } else { Err(ServiceError::ErasureNotIndependent) }
}

/// Tells the journal, then destroys what is sealed of everybody in the case, and of an accusation the key of all its words; whose
/// data it was.
fn destroy(
    connection: &mut AnyConnection,
    app: &App,
    id: CaseId,
    erasure: Erasure,
) -> Result<Vec<PersonId>, ServiceError> {
    let circumstances = Circumstances::of(app, connection, &Actor::System)?;
    let case = execute(connection, &circumstances, id, &Expected::Any, &Command::Erase(erasure))?;
    let filing = &case.filing;
    let everybody = [&filing.petitioners[..], &filing.representatives[..]].concat();
    people::erase(connection, id, &everybody)?;
    if case.is_confidential() {
        case_keys::destroy(connection, id)?;
    }
    Ok(everybody)
}

/// Of up to `limit` cases of the archive after the id, those whose personal data may be destroyed today; and the last that was
/// looked at, if there may be more.
///
/// # Errors
/// A journal that cannot be read; what the database says.
pub async fn due(
    app: &Arc<App>,
    after: Option<CaseId>,
    limit: i64,
) -> Result<(Vec<DueCase>, Option<CaseId>), ServiceError> {
    let inner = Arc::clone(app);
    app.store
        .read(move |connection| {
            let today = inner.clock.today(inner.settings.time_zone);
            let archived = erasures::archived(connection, after.map(CaseId::get), limit)?;
            let is_whole = i64::try_from(archived.len()).is_ok_and(|count| count == limit);
            let last = archived.last().copied().map(CaseId::new).filter(|_| is_whole);
            let mut due = Vec::new();
            for case in archived.into_iter().map(CaseId::new) {
                let case = match case_journal::load_case(connection, &inner.sealer, case) {
                    Err(StoreError::Erased) => None,
                    // One that cannot be read keeps no other from being found.
                    Err(error @ (StoreError::Broken { .. } | StoreError::Sealing(_))) => {
                        tracing::error!(%case, %error, "a file of the archive cannot be read");
                        None
                    }
                    case => case?,
                };
                let case = case.filter(|case| case.may_be_erased(today).is_ok());
                due.extend(case.and_then(|case| DueCase::of(&case)));
            }
            Ok((due, last))
        })
        .await
}

/// Up to `limit` proposals before the id, the newest first; only those that wait, if it is asked so.
///
/// # Errors
/// Only what the database says.
pub async fn list(
    app: &App,
    only_waiting: bool,
    before: Option<ErasureId>,
    limit: i64,
) -> Result<Vec<ErasureView>, ServiceError> {
    let found = app.store.read(move |connection| {
        let found = erasures::list(connection, only_waiting, before.map(ErasureId::get), limit)?;
        Ok::<_, StoreError>(found.into_iter().map(ErasureView::of).collect())
    });
    Ok(found.await?)
}
