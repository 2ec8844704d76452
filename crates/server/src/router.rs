//! All routes.

use std::{sync::Arc, time::Instant};

use axum::{
    Router, middleware,
    routing::{any, get},
};
use tacita_detect::OptionsError;
use tacita_service::Service;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ObjectBuilder, Paths, RefOr, Schema, Type,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};
use utoipa_swagger_ui::{Config as DocsConfig, SwaggerUi};

use crate::{
    Config,
    api::{
        accounts, attachments, audit, detect, health, ledger, members, metrics, passkeys, policies, problems,
        purposes, ready, records, redact, restore, sessions,
    },
    limits::Clock,
    oauth,
    observe::Observe,
    presidio::{self, analyzer, anonymizer},
    problem::Problem,
    repeats,
    state::Server,
    transport::Headers,
    welcome,
};

/// All routes of a server with the limits, rules and readers of `config`; those that keep something need a `service`.
///
/// # Errors
/// When the rules name a type that nothing finds.
pub fn router(config: &Config, service: Option<Service>) -> Result<Router, OptionsError> {
    Ok(routes_of(config, &Server::new(config, service, monotonic())?))
}

/// The same over what the requests share already.
pub(crate) fn routes_of(config: &Config, server: &Server) -> Router {
    let (router, description) = documented(config, server).split_for_parts();
    // Without this the page asks a validator on the internet about the description.
    let docs = DocsConfig::default().validator_url("none");
    let docs = Router::from(SwaggerUi::new("/docs").config(docs).url("/api/openapi.json", description));
    let observe = |name, words| observe(config, server, name, words);
    let problem = get(problems::problem).fallback(problems::method_not_allowed);
    router
        .route("/welcome", get(welcome::page).layer(observe("/welcome", Words::Ours)))
        .route("/welcome.css", get(welcome::style).layer(observe("/welcome", Words::Ours)))
        .route("/welcome.js", get(welcome::script).layer(observe("/welcome", Words::Ours)))
        .route("/problems/{kind}", problem.layer(observe("/problems", Words::Ours)))
        .route("/presidio/{*path}", any(presidio::not_found).layer(observe("none", Words::Presidios)))
        .merge(docs.layer(observe("/docs", Words::Page)))
        .fallback_service(any(problems::not_found).layer(observe("none", Words::Ours)))
        .with_state(server.clone())
}

/// The routes that the description lists.
fn documented(config: &Config, server: &Server) -> OpenApiRouter<Server> {
    let ours = |(schemas, paths, methods): UtoipaMethodRouter<Server>| {
        observed(
            config,
            server,
            Words::Ours,
            (schemas, paths, methods.fallback(problems::method_not_allowed)),
        )
    };
    // Of a person's own: what is answered there is shown once, and is not to be kept.
    let personal =
        |(schemas, paths, methods): UtoipaMethodRouter<Server>| ours((schemas, with_token(paths), methods));
    let signed_in = |(schemas, paths, methods): UtoipaMethodRouter<Server>| {
        let once = middleware::from_fn_with_state(server.clone(), repeats::once);
        ours((schemas, with_token(paths), methods.layer(once)))
    };
    let presidios = |(schemas, paths, methods): UtoipaMethodRouter<Server>| {
        observed(
            config,
            server,
            Words::Presidios,
            (schemas, paths, methods.fallback(presidio::method_not_allowed)),
        )
    };
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(ours(routes!(detect::detect)))
        .routes(ours(routes!(redact::redact)))
        .routes(ours(routes!(restore::restore)))
        .routes(signed_in(routes!(records::create, records::list)))
        .routes(signed_in(routes!(records::create_batch)))
        .routes(signed_in(routes!(records::read, records::change, records::delete)))
        .routes(signed_in(routes!(records::history)))
        .routes(signed_in(routes!(attachments::add, attachments::list)))
        .routes(signed_in(routes!(attachments::read)))
        .routes(signed_in(routes!(purposes::list)))
        .routes(signed_in(routes!(purposes::set)))
        .routes(signed_in(routes!(members::list)))
        .routes(signed_in(routes!(members::invite)))
        .routes(signed_in(routes!(members::change, members::remove)))
        .routes(personal(routes!(members::accept)))
        .routes(ours(routes!(sessions::begin)))
        .routes(personal(routes!(sessions::read, sessions::choose, sessions::end)))
        .routes(personal(routes!(sessions::list, sessions::end_others)))
        .routes(personal(routes!(sessions::end_one)))
        .routes(ours(routes!(accounts::create)))
        .routes(personal(routes!(accounts::read)))
        .routes(personal(routes!(accounts::change_password)))
        .routes(personal(routes!(accounts::enrol_totp, accounts::confirm_totp)))
        .routes(personal(routes!(accounts::remove_totp)))
        .routes(personal(routes!(passkeys::challenge)))
        .routes(personal(routes!(passkeys::add, passkeys::list)))
        .routes(personal(routes!(passkeys::remove)))
        .routes(ours(routes!(passkeys::sign_in_challenge)))
        .routes(ours(routes!(passkeys::sign_in)))
        .routes(ours(routes!(oauth::token)))
        .routes(ours(routes!(oauth::revoke)))
        .routes(ours(routes!(oauth::keys)))
        .routes(ours(routes!(oauth::metadata)))
        .routes(signed_in(routes!(policies::read, policies::set)))
        .routes(signed_in(routes!(audit::list)))
        .routes(signed_in(routes!(ledger::receipt)))
        .routes(signed_in(routes!(ledger::keys)))
        .routes(signed_in(routes!(ledger::checkpoint)))
        .routes(signed_in(routes!(ledger::tile)))
        .routes(ours(routes!(health::health)))
        .routes(ours(routes!(ready::ready)))
        .routes(ours(routes!(metrics::metrics)))
        .routes(presidios(routes!(analyzer::analyze)))
        .routes(presidios(routes!(analyzer::recognizers)))
        .routes(presidios(routes!(analyzer::supported_entities)))
        .routes(presidios(routes!(analyzer::health)))
        .routes(presidios(routes!(anonymizer::anonymize)))
        .routes(presidios(routes!(anonymizer::deanonymize)))
        .routes(presidios(routes!(anonymizer::anonymizers)))
        .routes(presidios(routes!(anonymizer::deanonymizers)))
        .routes(presidios(routes!(anonymizer::health)))
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tacita", description = "Finds and redacts personal data, keeps records about people, and proves what was done."),
    modifiers(&Token, &Forms),
    tags(
        (name = "detection", description = "Find and redact personal data, and restore what was redacted"),
        (name = "records", description = "Keep what is about data subjects, and give it out, correct, restrict and delete it"),
        (name = "purposes", description = "What data is processed for, and why it may be"),
        (name = "accounts", description = "Sign in, see where you are signed in, and say who belongs to an organisation"),
        (name = "policies", description = "Who may do what"),
        (name = "ledger", description = "Read what was done, and prove it to anybody"),
        (name = "presidio", description = "What clients of Microsoft Presidio's REST services speak"),
        (name = "operation", description = "For those who run the server"),
    ),
)]
struct Api;

/// How services sign in, by its name in the description.
const TOKEN: &str = "token";

struct Token;

impl Modify for Token {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token made by `tacita token create`"))
            .build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
    }
}

/// What parameters of a path look like, by their names, which mean the same everywhere.
struct Forms;

/// As `domain` reads ids: with hyphens, in lower case or not.
const ID: &str = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
/// As `domain` reads the name of a purpose.
const NAME: &str = "^[a-z][a-z0-9._-]{0,63}$";

impl Modify for Forms {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        for item in description.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            let parameters = operations.into_iter().flatten().filter_map(|one| one.parameters.as_mut());
            for parameter in parameters.flatten() {
                let RefOr::T(parameter) = parameter else { continue };
                let form = match &*parameter.name {
                    "id" | "account" | "operation" | "organisation" | "subject" => ID,
                    "name" | "purpose" => NAME,
                    _ => continue,
                };
                let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(form));
                parameter.schema = Some(RefOr::T(Schema::Object(text.build())));
            }
        }
    }
}

/// Paths whose operations take a token.
fn with_token(mut paths: Paths) -> Paths {
    for item in paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.security = Some(vec![SecurityRequirement::new(TOKEN, [""; 0])]);
        }
    }
    paths
}

/// Who reads the answers of a route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Clients of Tacita's own API.
    Ours,
    /// Clients of Presidio's services.
    Presidios,
    /// Browsers.
    Page,
}

/// What must answer however busy the server is, or nobody could see that it is busy. Nothing of it takes a body.
const UNLIMITED: [&str; 3] = ["/health", "/ready", "/metrics"];

/// A route with its trace, its limits and its counters.
fn observed(
    config: &Config,
    server: &Server,
    words: Words,
    (schemas, paths, methods): UtoipaMethodRouter<Server>,
) -> UtoipaMethodRouter<Server> {
    let path = paths.paths.keys().next().expect("a documented route has a path");
    let methods = methods.layer(observe(config, server, path, words));
    (schemas, paths, methods)
}

/// `name` is the route's label in the metrics.
fn observe(config: &Config, server: &Server, name: &str, words: Words) -> Observe {
    Observe {
        metrics: Arc::new(server.metrics.route(name)),
        limits: (!UNLIMITED.contains(&name)).then(|| Arc::clone(&server.limits)),
        headers: Headers::new(&config.transport, words == Words::Page),
        render: if words == Words::Presidios { presidio::render } else { Problem::render },
    }
}

/// Microseconds since the start.
#[expect(clippy::disallowed_methods, reason = "a server's clock begins here")]
pub(crate) fn monotonic() -> Clock {
    let start = Instant::now();
    Arc::new(move || u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX))
}
