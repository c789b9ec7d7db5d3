//! Sessions in which leaders receive visits (接访下访), and the bookings for them.

pub mod bookings;
pub mod briefing;
pub mod list;
pub mod norms;
pub mod read;
pub mod sessions;
pub mod view;
pub mod visits;

use actix_web::{FromRequest, HttpRequest, dev, web};
use domain::id::ReceptionId;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use utoipa::IntoParams;

use super::cases::call::Caller;
use super::conditional::Expected;
use super::json::Payload;
use super::problem::Problem;
use super::problem::kinds::NOT_FOUND;
use crate::app::App;
use crate::service::cases::Call;

/// The path of a session.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ReceptionPath {
    /// The session's identifier.
    #[param(example = "01HZX5TJ4R2QK")]
    #[expect(dead_code, reason = "only described; the extractor reads the path")]
    id: String,
}

/// The path of a booking.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub struct BookingPath {
    /// The session's identifier.
    #[param(example = "01HZX5TJ4R2QK")]
    #[expect(dead_code, reason = "only described; the extractor reads the path")]
    id: String,
    /// The booking's number in its session.
    #[param(example = 1)]
    #[expect(dead_code, reason = "only described; the handler reads the path")]
    no: u16,
}

/// What commands that say nothing more take.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

fn id_of(path: &web::Path<String>) -> Result<ReceptionId, Problem> {
    path.parse().ok().ok_or_else(|| Problem::new(NOT_FOUND))
}

/// A signed-in caller's request on a session with its body. The caller is asked for first: who is not signed in learns nothing
/// of what is wrong with the body.
pub struct ReceptionCall<T> {
    caller: Caller,
    id: ReceptionId,
    expected: Expected,
    body: Payload<T>,
}

impl<T: DeserializeOwned + 'static> FromRequest for ReceptionCall<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| id.parse::<ReceptionId>().ok());
        let expected = Expected::from_request(request, payload).into_inner();
        let caller = Caller::from_request(request, payload);
        let body = Payload::from_request(request, payload);
        Box::pin(async move {
            let caller = caller.await?;
            let id = id.ok_or_else(|| Problem::new(NOT_FOUND))?;
            Ok(Self { caller, id, expected: expected?, body: body.await? })
        })
    }
}

impl<T> ReceptionCall<T> {
    /// The application, the call for the service, the session, and what was sent.
    pub fn parts(self) -> (Arc<App>, Call, ReceptionId, T) {
        let Payload { value, fingerprint } = self.body;
        let (app, call) = self.caller.call(fingerprint, self.expected);
        (app, call, self.id, value)
    }
}
