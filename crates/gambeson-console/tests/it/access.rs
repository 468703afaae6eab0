use gambeson_console::{Config, Role};
use serde_json::Value;

use crate::harness::Running;

/// Each operation of the API's description, with who may use it.
fn operations(console: &Running) -> Vec<(String, String, String)> {
    let description = console.call("GET", "/api/v1/openapi.json").send(b"").json();
    let paths = description["paths"].as_object().unwrap().clone();
    let mut operations = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let access = operation["x-gambeson-access"].as_str().unwrap().to_owned();
            operations.push((method.to_uppercase(), path.clone(), access));
        }
    }
    operations
}

fn may(role: Role, access: &str) -> bool {
    match (role, access) {
        (_, "a Defender with a token for the function") => false,
        (Role::Admin, _) | (_, "read facts about the Console" | "read policies" | "read audits") => true,
        (Role::Operator, access) => ["write policies", "deploy Defenders"].contains(&access),
        (Role::Auditor, access) => access == "read the history",
    }
}

#[test]
fn every_route_asks_for_its_permission() {
    let dir = tempfile::tempdir().unwrap();
    let roles = [("admin", Role::Admin), ("operator", Role::Operator), ("auditor", Role::Auditor)];
    let console = Running::start_with_users(Config::new(dir.path()), &roles);
    let tokens = roles.map(|(name, role)| (role, console.sign_in(name)));
    let operations = operations(&console);
    let mut public: Vec<_> = operations
        .iter()
        .filter(|(_, _, access)| access == "anyone")
        .map(|(_, path, _)| path.as_str())
        .collect();
    public.sort_unstable();
    assert_eq!(public, ["/_ping", "/authenticate", "/openapi.json", "/signup"]);
    for prefix in ["/api/v1", "/api/v34.04"] {
        for (method, path, access) in &operations {
            if access == "anyone" {
                continue;
            }
            let path = format!("{prefix}{path}");
            let body: &[u8] = if method == "GET" { b"" } else { b"{}" };
            for wrong in ["", "x", "0123456789abcdef.x"] {
                console.call(method, &path).token(wrong).send(body).error(401);
            }
            for (role, token) in &tokens {
                let status = console.call(method, &path).token(token).send(body).status;
                let allowed = may(*role, access);
                let defender = access.starts_with("a Defender");
                match (allowed, defender) {
                    (true, _) => assert!(![401, 403].contains(&status), "{role:?} {method} {path}: {status}"),
                    (false, true) => assert_eq!(status, 401, "{role:?} {method} {path}"),
                    (false, false) => assert_eq!(status, 403, "{role:?} {method} {path}"),
                }
            }
        }
    }
}

#[test]
fn every_answer_carries_the_security_headers_and_errors_are_json() {
    let dir = tempfile::tempdir().unwrap();
    let console = Running::start(Config::new(dir.path()));
    for (method, path, status) in [
        ("GET", "/api/v1/_ping", 200),
        ("GET", "/nothing", 404),
        ("DELETE", "/api/v1/_ping", 405),
        ("GET", "/api/v1/version", 401),
    ] {
        let answer = console.call(method, path).send(b"");
        assert_eq!(answer.status, status, "{path}");
        for header in [
            "content-security-policy",
            "strict-transport-security",
            "x-content-type-options",
            "cache-control",
        ] {
            answer.header(header);
        }
        if status != 200 {
            assert!(matches!(answer.json()["err"], Value::String(_)), "{path}");
        }
    }
}

#[test]
fn the_description_names_each_operation_once() {
    let dir = tempfile::tempdir().unwrap();
    let console = Running::start(Config::new(dir.path()));
    let description = console.call("GET", "/api/v1/openapi.json").send(b"").json();
    let mut names: Vec<_> = description["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
    assert!(names.contains(&"get-policies-runtime-serverless"), "{names:?}");
}
