//! The API's description, made from the handlers' own annotations.

use axum::Extension;
use axum::body::Bytes;
use axum::http::{HeaderName, Method, header};
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{Route, about, audits, defender, deploy, history, policies, setup, sign_in, users};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gambeson Console",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        description = "Names and types follow the serverless part of the Compute API, version 34.04."
    ),
    servers((url = "/api/v1"), (url = "/api/v34.04")),
    paths(
        about::ping, about::version, about::runtimes, document,
        sign_in::authenticate, setup::sign_up, users::list, users::add,
        policies::runtime, policies::put_runtime, policies::add_runtime_rule, policies::waas, policies::put_waas,
        deploy::encode, deploy::layer,
        audits::runtime, audits::waas, history::list,
        defender::policy, defender::audits,
    ),
    modifiers(&Schemes)
)]
struct Description;

/// The Compute API's types that Rust types stand for in other crates, which know nothing of this description.
const SCHEMAS: &str = include_str!("schemas.json");

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let bearer = |about: &str| {
            SecurityScheme::Http(
                HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(about)).build(),
            )
        };
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("session", bearer("The token of POST /authenticate"));
        components.add_security_scheme("defender", bearer("id.secret, as a TW_POLICY carries it"));
    }
}

/// The finished description: each operation says in `x-gambeson-access` who may use it, read from the table that enforces it.
#[derive(Clone)]
pub(super) struct Described(Bytes);

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "about", responses((status = 200, body = Object)))]
pub(super) async fn document(
    Extension(Described(document)): Extension<Described>,
) -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/json")], document)
}

// === impl Described ===

impl Described {
    pub(super) fn new(table: &[Route]) -> Self {
        let mut document = serde_json::to_value(Description::openapi()).unwrap_or_default();
        let schemas = serde_json::from_str::<Map<String, Value>>(SCHEMAS).unwrap_or_default();
        for (name, schema) in schemas {
            document["components"]["schemas"][name] = schema;
        }
        // utoipa has no list of a schema that it does not know as a type.
        for (path, name) in [
            ("/audits/runtime/serverless", "shared.RuntimeAudit"),
            ("/audits/firewall/app/serverless", "shared.AppFirewallAudit"),
        ] {
            let content = &mut document["paths"][path]["get"]["responses"]["200"]["content"];
            content["application/json"]["schema"]["items"] =
                json!({"$ref": format!("#/components/schemas/{name}")});
        }
        for route in table {
            let operation = &mut document["paths"][route.path][method(&route.method)];
            // Handlers are named within their module; in the description a name stands alone.
            operation["operationId"] = operation_id(&route.method, route.path).into();
            operation["x-gambeson-access"] = route.access.as_str().into();
        }
        Self(document.to_string().into())
    }
}

/// `get-policies-runtime-serverless`, as the Compute API's own description names its operations.
fn operation_id(method: &Method, path: &str) -> String {
    format!("{}{}", self::method(method), path.trim_start_matches('_').replace(['/', '_', '.'], "-"))
}

fn method(method: &Method) -> String {
    method.as_str().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use gambeson_audit::{AttackType, Audit, Kind};

    use super::*;
    use crate::routes::{Access, api, complete};

    #[tokio::test]
    async fn every_route_is_described_and_every_description_is_a_route() {
        let place = tempfile::tempdir().unwrap();
        let console = crate::Console::open(crate::Config::new(place.path())).await.unwrap();
        let table = api(console.app()).table;
        let document = serde_json::to_value(Description::openapi()).unwrap();
        let mut described: Vec<_> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().iter().map(move |(method, operation)| {
                    let scheme = operation["security"][0].as_object().and_then(|s| s.keys().next().cloned());
                    (path.clone(), method.clone(), scheme)
                })
            })
            .collect();
        let mut routed: Vec<_> = table
            .iter()
            .map(|route| {
                let scheme = match route.access {
                    Access::Public => None,
                    Access::User(_) => Some("session".to_owned()),
                    Access::Defender => Some("defender".to_owned()),
                };
                (route.path.to_owned(), method(&route.method), scheme)
            })
            .collect();
        described.sort();
        routed.sort();
        assert_eq!(described, routed);
    }

    fn described(table: &[Route]) -> Value {
        serde_json::from_slice(&Described::new(table).0).unwrap()
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    map.values().for_each(|value| references(value, found));
                }
                Value::Array(list) => list.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = described(&[]);
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.iter().any(|reference| reference.ends_with("/shared.RuntimeAudit")), "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn what_is_answered_is_described() {
        let document = described(&[]);
        let described = |schema: &str, value: &Value| {
            let properties = &document["components"]["schemas"][schema]["properties"];
            for name in value.as_object().unwrap().keys() {
                assert!(properties.get(name).is_some(), "{schema} does not describe {name}");
            }
        };
        let audit: Audit = serde_json::from_value(json!({
            "id": "a", "time": 1, "type": "processes", "attackType": "unexpectedProcess", "effect": "alert", "rule": "r",
            "function": "f", "region": "r", "account": "1", "runtime": "python3.12", "requestId": "q", "msg": "m", "pid": 1,
            "processPath": "/p", "command": "p", "ip": "::1", "port": 1, "domain": "d", "filepath": "/f", "attackField": "body", "method": "GET", "urlPath": "/", "urlQuery": "q",
            "requestHost": "h", "clientIp": "::1", "userAgent": "u", "rawEvent": "{}",
        }))
        .unwrap();
        described("shared.RuntimeAudit", &audit.to_compute_api().into());
        let audit = Audit { kind: Kind::Waas, attack_type: AttackType::Sqli, ..audit };
        described("shared.AppFirewallAudit", &audit.to_compute_api().into());

        let policy = complete::runtime(&gambeson_policy::RuntimePolicy::default_policy());
        described("runtime.ServerlessPolicy", &policy);
        let rule = &policy["rules"][0];
        described("runtime.ServerlessPolicyRule", rule);
        described("collection.Collection", &rule["collections"][0]);
        for (schema, tab) in [
            ("ProcessesRule", "processes"),
            ("NetworkRule", "network"),
            ("DNSRule", "dns"),
            ("FilesystemRule", "filesystem"),
        ] {
            described(&format!("runtime.{schema}"), &rule[tab]);
        }
    }
}
