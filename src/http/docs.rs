//! The OpenAPI document, the interactive page, and the answer where no route is.

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use domain::id::UserId;
use utoipa::PartialSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi, Ref, RefOr, Required};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::problem::kinds::{METHOD_NOT_ALLOWED, NOT_FOUND};
use super::problem::{FieldBody, Problem, ProblemBody};

const DESCRIPTION: &str = "Petition (信访) case management after 《信访工作条例》 (2022).\n\n\
Times are RFC 3339 with offset, dates `YYYY-MM-DD`. Every refusal is a problem (RFC 9457); its `type` is listed \
at `/problems`. Titles and labels come in `zh-CN` or `en`, by `Accept-Language`. Unsafe requests take an \
`Idempotency-Key`; the same request with the same key is answered once and replayed. Whoever stands in for a colleague \
names them in `Acting-For` on everything below `/api/v1/cases`. Single resources carry an \
`ETag`; commands take it back in `If-Match`.";

/// The document as it is committed; a test fails when it is stale. Making it anew would cost a process at its start more
/// memory than serving does.
const COMMITTED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml"));

/// Made when somebody first asks for it, which hardly anybody does.
static JSON: LazyLock<String> = LazyLock::new(|| super::document().to_pretty_json().unwrap_or_default());

/// The methods of each route, as the document tells them.
static METHODS: LazyLock<Vec<(ResourceDef, Vec<Method>)>> = LazyLock::new(|| {
    let mut routes: Vec<(ResourceDef, Vec<Method>)> = Vec::new();
    let paths = COMMITTED.lines().skip_while(|line| *line != "paths:").skip(1);
    for line in paths.take_while(|line| line.starts_with(' ')) {
        let name = line.trim().trim_end_matches(':');
        match line.len() - line.trim_start().len() {
            2 => routes.push((ResourceDef::new(name), Vec::new())),
            4 => {
                if let Some((_, methods)) = routes.last_mut() {
                    methods.extend(methods_named(name));
                }
            }
            _ => {}
        }
    }
    routes
});

fn methods_named(operation: &str) -> Vec<Method> {
    match operation {
        "get" => vec![Method::GET, Method::HEAD],
        "put" => vec![Method::PUT],
        "post" => vec![Method::POST],
        "delete" => vec![Method::DELETE],
        "patch" => vec![Method::PATCH],
        _ => Vec::new(),
    }
}

/// The methods of every route that the path matches.
fn methods_at(path: &str) -> Vec<&'static Method> {
    let there = METHODS.iter().filter(|(route, _)| route.is_match(path));
    there.flat_map(|(_, methods)| methods).collect()
}

/// The document as it is to be committed.
pub fn yaml(document: &OpenApi) -> String {
    document.to_yaml().unwrap_or_default()
}

/// The head of the document: what the API is, and how one signs in.
pub fn about() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(title = "daowei (到位)", license(name = "Apache-2.0", identifier = "Apache-2.0")),
        components(schemas(ProblemBody<'static>, FieldBody<'static>)),
        security(("bearer" = [])),
        tags(
            (name = "file", description = "Registering petitions, one or many"),
            (name = "see", description = "Cases, their events, what is open to the caller, and their deadlines"),
            (name = "dispatch", description = "Transfer, assignment and objection (Art. 22, 31)"),
            (name = "accept", description = "Acceptance, refusal, routing out (Art. 23)"),
            (name = "handle", description = "Findings, mediation, hearing, extension, opinion, delivery"),
            (name = "put in place", description = "Three in place and one treatment (Art. 27)"),
            (name = "review", description = "Review and re-review (Art. 35, 36)"),
            (name = "lead", description = "Leaders in charge, and leaders' instructions (Art. 18)"),
            (name = "receive visits", description = "Leaders' reception sessions, bookings and visits (Art. 18)"),
            (name = "backlog", description = "Old and returning matters: listed, worked through, inspected, struck off"),
            (name = "supervise", description = "Orders of supervision, their escalation, and the three suggestions (Art. 39, 40)"),
            (name = "close", description = "Visits back, evaluation, closure, reopening, archive"),
            (name = "suggestions", description = "The track of suggestions (Art. 29)"),
            (name = "accusations", description = "The track of accusations (Art. 30)"),
            (name = "count", description = "Numbers of cases"),
            (name = "directories", description = "Regions, organisations, staff, topics, calendar, dictionaries"),
            (name = "administer", description = "What the three administrators change"),
            (name = "petitioner", description = "What a petitioner does with the query code alone"),
            (name = "sign-in", description = "Signing in, and one's own account"),
            (name = "system", description = "Health, metrics, and what problems mean"),
        ),
    )]
    struct About;
    let mut about = <About as utoipa::OpenApi>::openapi();
    about.info.description = Some(DESCRIPTION.to_owned());
    about
}

/// Adds what the routes cannot say themselves.
pub fn finished(mut document: OpenApi) -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let mut components = document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    components.security_schemes.insert("bearer".to_owned(), SecurityScheme::Http(bearer).into());
    components.parameters.insert("acting_for".to_owned(), acting_for().into());
    document.components = Some(components);
    let cases = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/v1/cases"));
    for (_, path) in cases {
        for operation in [&mut path.get, &mut path.post, &mut path.put].into_iter().flatten() {
            let taken = RefOr::Ref(Ref::new("#/components/parameters/acting_for"));
            operation.parameters.get_or_insert_default().push(taken);
        }
    }
    document
}

/// Every operation on cases takes it, so it is said once for all.
fn acting_for() -> Parameter {
    let description = "The user in whose place the caller acts as a deputy; the journal records both";
    ParameterBuilder::new()
        .name("Acting-For")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(UserId::schema()))
        .build()
}

/// The interactive page, from files inside the binary, and the document in both forms.
pub fn pages(config: &mut web::ServiceConfig) -> &mut web::ServiceConfig {
    // The validator is a service on the internet, which an office may not have.
    let page = Config::from("/openapi.json").validator_url("none");
    config
        .route("/openapi.json", web::get().to(get_json))
        .route("/openapi.yaml", web::get().to(get_yaml))
        .route("/docs", web::get().to(to_docs))
        .service(SwaggerUi::new("/docs/{_:.*}").config(page))
}

async fn to_docs() -> impl Responder {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

async fn get_json() -> impl Responder {
    HttpResponse::Ok().content_type("application/json").body(JSON.as_str())
}

async fn get_yaml() -> impl Responder {
    HttpResponse::Ok().content_type("application/yaml").body(COMMITTED)
}

/// Answers where no route is: 405 where the path is known with other methods, else 404.
///
/// # Errors
/// Always.
pub async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let methods = methods_at(request.path());
    if methods.is_empty() || methods.contains(&request.method()) {
        return Err(Problem::new(NOT_FOUND));
    }
    let mut allowed: Vec<&str> = methods.into_iter().map(Method::as_str).collect();
    allowed.sort_unstable();
    allowed.dedup();
    let allow = HeaderValue::from_str(&allowed.join(", ")).unwrap_or(HeaderValue::from_static("GET"));
    Err(Problem::new(METHOD_NOT_ALLOWED).header(ALLOW, allow))
}
