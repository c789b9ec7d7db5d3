//! The whole URL tree on one screen; one file an endpoint or a small resource.

pub mod admin;
pub mod answer;
pub mod auth;
pub mod calendar;
pub mod cases;
pub mod conditional;
pub mod context;
pub mod delegations;
pub mod dictionaries;
pub mod directory;
pub mod docs;
pub mod guard;
pub mod health;
pub mod idempotency;
pub mod json;
pub mod me;
pub mod organisations;
pub mod paging;
pub mod problem;
pub mod public;
pub mod query;
pub mod rate;
pub mod receptions;
pub mod regions;
mod routing;
pub mod second_factor;
pub mod sessions;
pub mod single_sign_on;
pub mod statistics;
pub mod then;
pub mod token_keys;
pub mod topics;
pub mod users;
pub mod view;

use actix_web::App;
use actix_web::middleware::from_fn;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};

use routing::Routes;

/// Every route; `openapi.yaml` comes from the same calls, so that it cannot drift.
fn routes(routes: &mut Routes<'_, '_>) {
    let as_here = routes.kind();
    routes
        .service(health::get_health)
        .service(health::get_readiness)
        .service(health::get_metrics)
        .service(token_keys::get_token_keys)
        .service(problem::page::list_problems)
        .service(problem::page::get_problem)
        .map(docs::pages)
        .service(
            scope("/api/v1/auth")
                .wrap(from_fn(rate::sign_in))
                .service(auth::sign_in)
                .service(auth::change_password_at_sign_in)
                .service(second_factor::complete_sign_in)
                .service(second_factor::begin_at_sign_in)
                .service(single_sign_on::get_single_sign_on)
                .service(single_sign_on::begin_single_sign_on)
                .service(single_sign_on::complete_single_sign_on)
                .service(auth::refresh)
                .service(auth::sign_out),
        )
        .service(
            scope("/api/v1/public")
                .wrap(from_fn(rate::public))
                .service(public::get_progress)
                .service(public::evaluate_by_code)
                .service(public::request_review_by_code)
                .service(public::book_by_code)
                .service(public::cancel_booking_by_code)
                .service(receptions::list::list_published_receptions),
        )
        .service(scope("/api/v1").configure(|config| {
            as_here
                .routes(config)
                .service(me::get_me)
                .service(me::change_password)
                .service(second_factor::get_my_second_factor)
                .service(second_factor::begin_my_second_factor)
                .service(second_factor::confirm_my_second_factor)
                .service(second_factor::renew_my_recovery_codes)
                .service(second_factor::remove_my_second_factor)
                .service(sessions::list_my_sessions)
                .service(sessions::end_my_session)
                .service(delegations::list_my_delegations)
                .service(delegations::give_delegation)
                .service(delegations::end_my_delegation)
                .service(scope("/cases").configure(|config| case_routes(&mut as_here.routes(config))))
                .service(
                    scope("/receptions").configure(|config| reception_routes(&mut as_here.routes(config))),
                )
                .service(statistics::count_charges)
                .service(receptions::norms::count_receptions)
                .service(receptions::briefing::get_my_work_list)
                .configure(directory_routes)
                .service(
                    scope("/admin").configure(|config| administration_routes(&mut as_here.routes(config))),
                );
        }));
}

/// What all staff may read.
fn directory_routes(routes: &mut Routes<'_, '_>) {
    routes
        .service(dictionaries::get_dictionaries)
        .service(regions::list_regions)
        .service(regions::get_region)
        .service(organisations::list_organisations)
        .service(organisations::get_organisation)
        .service(users::list_users)
        .service(topics::list_topics)
        .service(calendar::get_calendar)
        .service(calendar::get_due_date);
}

/// Everything below `/api/v1/admin`: the security administrator's accounts, the system administrator's directories,
/// what the auditor reads.
fn administration_routes(routes: &mut Routes<'_, '_>) {
    routes
        .service(admin::users::list_accounts)
        .service(admin::users::get_account)
        .service(admin::users::add_account)
        .service(admin::users::update_account)
        .service(admin::users::unlock_account)
        .service(admin::users::reset_password)
        .service(admin::users::link_account)
        .service(admin::users::unlink_account)
        .service(sessions::list_account_sessions)
        .service(sessions::end_account_session)
        .service(delegations::list_delegations)
        .service(delegations::give_delegation_for)
        .service(delegations::end_delegation)
        .service(admin::erasures::list_due_erasures)
        .service(admin::erasures::list_erasures)
        .service(admin::erasures::propose_erasure)
        .service(admin::erasures::decide_erasure)
        .service(token_keys::rotate_token_key)
        .service(admin::organisations::add_organisation)
        .service(admin::organisations::update_organisation)
        .service(admin::regions::add_region)
        .service(admin::regions::update_region)
        .service(admin::topics::add_topic)
        .service(admin::topics::update_topic)
        .service(admin::calendar::replace_calendar_year)
        .service(admin::review_rules::get_review_rules)
        .service(admin::review_rules::replace_review_rules)
        .service(receptions::norms::replace_reception_norms)
        .service(admin::audit::search_audit_trail)
        .service(admin::audit::export_audit_trail)
        .service(admin::checkpoints::list_checkpoints);
}

/// Everything below `/api/v1/cases`, in the order of a case's life.
fn case_routes(routes: &mut Routes<'_, '_>) {
    routes
        // File and see.
        .service(cases::filing::file_case)
        .service(cases::filing::file_batch)
        .service(cases::list::list_cases)
        .service(cases::read::get_case)
        .service(cases::read::list_case_events)
        .service(cases::proof::prove_case_event)
        .service(cases::read::list_case_actions)
        .service(cases::read::list_case_deadlines)
        .service(cases::people::list_case_people)
        .service(cases::repeat_check::confirm_repeat)
        // Dispatch.
        .service(cases::transfer::transfer_case)
        .service(cases::objection::object_to_transfer)
        .service(cases::objection::decide_objection)
        .service(cases::disposal::reply_directly)
        .service(cases::disposal::file_only)
        .service(cases::accusation::acknowledge_accusation)
        .service(cases::accusation::record_accusation_outcome)
        // Accept and handle.
        .service(cases::acceptance::decide_acceptance)
        .service(cases::assignment::assign_handlers)
        .service(cases::recusal::recuse)
        .service(cases::claims::add_claims)
        .service(cases::findings::record_findings)
        .service(cases::mediation::start_mediation)
        .service(cases::mediation::conclude_mediation)
        .service(cases::hearing::convene_hearing)
        .service(cases::hearing::conclude_hearing)
        .service(cases::extension::request_extension)
        .service(cases::extension::decide_extension)
        .service(cases::opinion::draft_opinion)
        .service(cases::opinion::return_opinion)
        .service(cases::opinion::issue_opinion)
        .service(cases::suggestion::conclude_study)
        .service(cases::suggestion::reply_to_suggestion)
        .service(cases::suggestion::reward_suggestion)
        .service(cases::deliveries::record_delivery)
        // Put in place.
        .service(cases::measures::plan_measure)
        .service(cases::measures::add_measure_step)
        .service(cases::measures::report_in_place)
        .service(cases::measures::verify_measure)
        .service(cases::measures::find_not_applicable)
        // Review.
        .service(cases::review::request_review)
        .service(cases::review::decide_review_admission)
        .service(cases::review::decide_review)
        .service(cases::re_review::request_re_review)
        .service(cases::re_review::decide_re_review_admission)
        .service(cases::re_review::decide_re_review)
        // Lead.
        .service(cases::lead::take_charge)
        .service(cases::lead::report_charge)
        .service(cases::lead::hand_charge_over)
        .service(cases::instruction::give_instruction)
        .service(cases::instruction::report_on_instruction)
        .service(cases::instruction::decide_instruction)
        // Backlog.
        .service(cases::backlog::list_as_backlog)
        .service(cases::backlog::report_on_backlog)
        .service(cases::backlog::inspect_backlog)
        .service(cases::backlog::strike_off_backlog)
        // Supervise.
        .service(cases::supervision::order_supervision)
        .service(cases::supervision::dismiss_proposals)
        .service(cases::supervision::report_on_supervision)
        .service(cases::supervision::judge_supervision)
        .service(cases::supervision::escalate_supervision)
        .service(cases::supervision::make_suggestions)
        .service(cases::supervision::answer_suggestions)
        // Close.
        .service(cases::closing::record_visit_back)
        .service(cases::closing::evaluate_case)
        .service(cases::closing::record_pledge)
        .service(cases::closing::close_case)
        .service(cases::closing::withdraw_case)
        .service(cases::closing::reopen_case)
        .service(cases::closing::record_aftercare)
        .service(cases::closing::archive_case);
}

/// Everything below `/api/v1/receptions`, in the order of a session's life.
fn reception_routes(routes: &mut Routes<'_, '_>) {
    routes
        .service(receptions::list::list_receptions)
        .service(receptions::sessions::plan_reception)
        .service(receptions::norms::get_reception_norms)
        .service(receptions::read::get_reception)
        .service(receptions::briefing::get_briefing)
        .service(receptions::read::list_reception_actions)
        .service(receptions::read::list_reception_events)
        .service(receptions::read::prove_reception_event)
        .service(receptions::sessions::publish_reception)
        .service(receptions::sessions::change_reception)
        .service(receptions::sessions::swap_leaders)
        .service(receptions::sessions::cancel_reception)
        .service(receptions::bookings::book_matter)
        .service(receptions::bookings::cancel_booking)
        .service(receptions::bookings::remind_of_booking)
        .service(receptions::visits::receive_visit)
        .service(receptions::sessions::record_reception);
}

/// The routes alone, for a thread that answers requests.
pub fn serve(config: &mut actix_web::web::ServiceConfig) {
    routes(&mut routing::Kind::Served.routes(&mut ServiceConfig::new(config)));
}

/// The OpenAPI document of the routes.
pub fn document() -> OpenApi {
    let described = |config: &mut ServiceConfig<'_>| routes(&mut routing::Kind::Described.routes(config));
    let (_, document) =
        App::new().into_utoipa_app().openapi(docs::about()).configure(described).split_for_parts();
    docs::finished(document)
}
