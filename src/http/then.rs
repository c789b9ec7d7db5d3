//! Extractors in order: the framework asks for all of a handler's at once, and the first to fail would answer.

use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, dev};

use super::problem::Problem;

/// Two extractors, one after the other: what the second refuses is told only to whom the first lets through.
pub struct Then<First, Second>(pub First, pub Second);

impl<First, Second> FromRequest for Then<First, Second>
where
    First: FromRequest<Error = Problem> + 'static,
    Second: FromRequest<Error = Problem> + 'static,
{
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let first = First::from_request(&request, &mut payload).await?;
            let second = Second::from_request(&request, &mut payload).await?;
            Ok(Self(first, second))
        })
    }
}
