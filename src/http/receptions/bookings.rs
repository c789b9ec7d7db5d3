//! Bookings for a session, by staff.

use actix_web::{post, web};
use domain::reception::ReceptionCommand;
use domain::reception::content::{BookingCancellation, BookingReminder, BookingRequest};

use super::view::ReceptionView;
use super::{BookingPath, ReceptionCall, ReceptionPath};
use crate::http::answer::Answer;
use crate::http::cases::call::{KeyHeader, MatchHeader, number_of};
use crate::http::problem::Problem;
use crate::http::problem::documented::CommandProblems;
use crate::service::receptions;

/// Book a matter
///
/// For a petitioner of a case that the caller may know of, or at the leader's invitation; whoever has no case yet files one first.
/// Where no place is free it waits for one. A matter, its repeats with it, has one live booking, and a petitioner one at a time.
#[utoipa::path(operation_id = "book_matter", tag = "receive visits", params(ReceptionPath, KeyHeader, MatchHeader),
    request_body(content = BookingRequest, example = json!({"case": "01HZX5TJ4R2QM", "note": "信访人行动不便，请安排一楼"})),
    responses((status = 200, description = "Booked, or waiting", body = ReceptionView), CommandProblems))]
#[post("/{id}/bookings")]
pub async fn book_matter(call: ReceptionCall<BookingRequest>) -> Result<Answer, Problem> {
    let (app, call, id, request) = call.parts();
    Ok(receptions::book_for(&app, call, id, request).await?)
}

/// Cancel a booking
///
/// The place goes to the matter that has waited longest.
#[utoipa::path(operation_id = "cancel_booking", tag = "receive visits", params(BookingPath, KeyHeader, MatchHeader),
    request_body(content = BookingCancellation, example = json!({"reason": "信访人来电取消"})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/bookings/{no}/cancellation")]
pub async fn cancel_booking(
    call: ReceptionCall<BookingCancellation>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let (no, (app, call, id, cancellation)) = (number_of(&path)?, call.parts());
    let command = ReceptionCommand::CancelBooking(no, Some(cancellation));
    Ok(receptions::command(&app, call, id, command).await?)
}

/// Write down a reminder
///
/// That the petitioner was told when and where, and whether they were reached: `GET /receptions?to_be_told=true` lists the
/// sessions in which somebody has to be told still, or again after a change.
#[utoipa::path(operation_id = "remind_of_booking", tag = "receive visits", params(BookingPath, KeyHeader, MatchHeader),
    request_body(content = BookingReminder, example = json!({"way": "phone", "reached": true})),
    responses((status = 200, description = "The session", body = ReceptionView), CommandProblems))]
#[post("/{id}/bookings/{no}/reminder")]
pub async fn remind_of_booking(
    call: ReceptionCall<BookingReminder>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let (no, (app, call, id, reminder)) = (number_of(&path)?, call.parts());
    Ok(receptions::command(&app, call, id, ReceptionCommand::Remind(no, reminder)).await?)
}
