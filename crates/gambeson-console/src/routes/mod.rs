//! The routes, each with who may use it. A route cannot be added without saying so, and a test walks the table.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};

use crate::app::App;
use crate::auth::Permission;
use crate::error::ApiError;

mod about;
mod audits;
mod complete;
mod defender;
mod deploy;
mod guard;
mod history;
mod input;
mod openapi;
mod policies;
mod setup;
mod sign_in;
mod users;

/// Sign-in, set-up and the other small bodies.
const SMALL: usize = 16 << 10;
/// A bundle of authorities may come with the request for a layer.
const LAYER: usize = 256 << 10;
/// A policy of a thousand rules is some 2 MB.
const POLICY: usize = 4 << 20;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Anyone who reaches the Console.
    Public,
    /// A signed-in user with this permission.
    User(Permission),
    /// A Defender with a token of ours; what the token covers is the handler's to check.
    Defender,
}

// === impl Access ===

impl Access {
    /// As the API's description says it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Public => "anyone",
            Self::User(permission) => permission.as_str(),
            Self::Defender => "a Defender with a token for the function",
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
struct Route {
    method: Method,
    /// Below `/api/v1` for the API, from the root for pages.
    path: &'static str,
    access: Access,
}

/// The whole site: the API under both of its prefixes, and the set-up page.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let Routes { router: api, table, .. } = api(app);
    let api = api.layer(Extension(openapi::Described::new(&table)));
    Router::new()
        .nest("/api/v1", api.clone())
        // The version whose names we keep; clients that pin it find it.
        .nest("/api/v34.04", api)
        .merge(pages(app).router)
        .fallback(|request: Request| async {
            input::discard(request.into_body()).await;
            ApiError::NotFound
        })
        .method_not_allowed_fallback(|request: Request| async {
            input::discard(request.into_body()).await;
            ApiError::Method
        })
        .with_state(Arc::clone(app))
}

/// The API's routes, below its prefix.
fn api(app: &Arc<App>) -> Routes {
    use Access::{Defender, Public, User};
    use Permission::{Deploy, ManageUsers, ReadAbout, ReadAudits, ReadHistory, ReadPolicies, WritePolicies};
    Routes::new(app)
        .get("/_ping", Public, about::ping)
        .get("/openapi.json", Public, openapi::document)
        .get("/version", User(ReadAbout), about::version)
        .get("/static/serverless-runtimes", User(ReadAbout), about::runtimes)
        .post("/authenticate", Public, SMALL, sign_in::authenticate)
        .post("/signup", Public, SMALL, setup::sign_up)
        .get("/users", User(ManageUsers), users::list)
        .post("/users", User(ManageUsers), SMALL, users::add)
        .get("/policies/runtime/serverless", User(ReadPolicies), policies::runtime)
        .put("/policies/runtime/serverless", User(WritePolicies), POLICY, policies::put_runtime)
        .post("/policies/runtime/serverless", User(WritePolicies), POLICY, policies::add_runtime_rule)
        .post("/policies/runtime/serverless/encode", User(Deploy), SMALL, deploy::encode)
        .get("/policies/firewall/app/serverless", User(ReadPolicies), policies::waas)
        .put("/policies/firewall/app/serverless", User(WritePolicies), POLICY, policies::put_waas)
        .post("/images/twistlock_defender_layer.zip", User(Deploy), LAYER, deploy::layer)
        .get("/audits/runtime/serverless", User(ReadAudits), audits::runtime)
        .get("/audits/firewall/app/serverless", User(ReadAudits), audits::waas)
        .get("/audits/mgmt", User(ReadHistory), history::list)
        .get("/defender/policy", Defender, defender::policy)
        .post("/defender/audits", Defender, defender::BATCH, defender::audits)
}

/// The pages, from the root.
fn pages(app: &Arc<App>) -> Routes {
    Routes::new(app)
        .get("/setup", Access::Public, setup::page)
        .post("/setup", Access::Public, SMALL, setup::submit)
        .get("/setup.css", Access::Public, setup::style)
}

/// A router that remembers its own table.
struct Routes {
    app: Arc<App>,
    router: Router<Arc<App>>,
    /// What was added, in order.
    table: Vec<Route>,
}

// === impl Routes ===

impl Routes {
    fn new(app: &Arc<App>) -> Self {
        Self { app: Arc::clone(app), router: Router::new(), table: Vec::new() }
    }

    fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::GET, path, access, on(MethodFilter::GET, handler))
    }

    fn put<H, T>(self, path: &'static str, access: Access, limit: usize, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let route = on(MethodFilter::PUT, handler)
            .layer((DefaultBodyLimit::max(limit), Extension(input::BodyLimit(limit))));
        self.add(Method::PUT, path, access, route)
    }

    fn post<H, T>(self, path: &'static str, access: Access, limit: usize, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let route = on(MethodFilter::POST, handler)
            .layer((DefaultBodyLimit::max(limit), Extension(input::BodyLimit(limit))));
        self.add(Method::POST, path, access, route)
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        route: MethodRouter<Arc<App>>,
    ) -> Self {
        let guarded = match access {
            Access::Public => route,
            Access::User(permission) => {
                route.layer(from_fn_with_state((Arc::clone(&self.app), permission), guard::user))
            }
            Access::Defender => route.layer(from_fn_with_state(Arc::clone(&self.app), guard::defender)),
        };
        self.router = self.router.route(path, guarded);
        self.table.push(Route { method, path, access });
        self
    }
}
