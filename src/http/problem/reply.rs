//! Writes the body of each refusal and makes problems of what the framework refuses by itself.

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use domain::language::Language;

use super::kinds::for_status;
use super::{FieldBody, MEDIA_TYPE, Problem, ProblemBody};
use crate::http::context::RequestContext;

/// Gives every refusal its body, whoever refused.
///
/// # Errors
/// None of its own.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok(response);
    }
    let problem = match response.response().error() {
        Some(error) => error.as_error::<Problem>().cloned().unwrap_or(Problem::new(for_status(status))),
        None => Problem::new(for_status(status)),
    };
    Ok(write(response, &problem))
}

fn write(response: ServiceResponse<BoxBody>, problem: &Problem) -> ServiceResponse<BoxBody> {
    let context = response.request().extensions().get::<RequestContext>().cloned();
    let language = context.as_ref().map(|context| context.language).unwrap_or_default();
    let request_id = context.as_ref().map_or("", |context| &context.request_id);
    let text = body(problem, language, response.request().path(), request_id);
    let mut written = response.map_body(|_, _| BoxBody::new(text));
    *written.response_mut().status_mut() = problem.kind.status();
    let headers = written.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in &problem.particulars.headers {
        headers.insert(name.clone(), value.clone());
    }
    written
}

fn body(problem: &Problem, language: Language, instance: &str, request_id: &str) -> String {
    let particulars = &problem.particulars;
    let citation = particulars.article.map(|article| article.citation(language));
    let said = particulars.detail.as_ref().map(|said| language.choose(&*said.chinese, &*said.english));
    let errors = particulars.errors.iter().map(|error| FieldBody {
        pointer: &error.pointer,
        code: &error.code,
        detail: language.choose(&*error.detail.chinese, &*error.detail.english),
    });
    let body = ProblemBody {
        kind: problem.kind.address(),
        title: language.choose(problem.kind.chinese, problem.kind.english),
        status: problem.kind.status,
        detail: said.or(citation.as_deref()),
        instance,
        request_id,
        errors: errors.collect(),
        article: particulars.article.map(|article| article.0),
        allowed_from: &particulars.allowed_from,
    };
    serde_json::to_string(&body).unwrap_or_default()
}
