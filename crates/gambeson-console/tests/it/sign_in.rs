use gambeson_console::{Config, Role};
use serde_json::json;

use crate::harness::{PASSWORD, Running, with_admin};

#[test]
fn the_set_up_link_makes_one_admin_in_a_browser_and_then_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let console = Running::start(Config::new(dir.path()));
    let link = console.setup_path.clone().unwrap();
    let token = link.split_once('=').unwrap().1;

    let page = console.call("GET", &link).send(b"");
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&format!("value=\"{token}\"")), "{}", page.text());
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(console.call("GET", "/setup.css").send(b"").header("content-type"), "text/css; charset=utf-8");

    let submit = |password: &str| {
        let form = format!("token={token}&username=ann&password={}", password.replace(' ', "+"));
        console
            .call("POST", "/setup")
            .header("content-type", "application/x-www-form-urlencoded")
            .send(form.as_bytes())
    };
    let short = submit("short");
    assert_eq!(short.status, 400);
    assert!(short.text().contains("at least 12"), "{}", short.text());
    let done = submit(PASSWORD);
    assert_eq!(done.status, 200, "{}", done.text());
    console.sign_in("ann");
    assert_eq!(submit(PASSWORD).status, 403);
    drop(console);
    assert_eq!(Running::start(Config::new(dir.path())).setup_path, None);
}

#[test]
fn scripts_use_the_link_too_and_a_newer_link_ends_the_older() {
    let dir = tempfile::tempdir().unwrap();
    let old = Running::start(Config::new(dir.path())).setup_path.clone().unwrap();
    let console = Running::start(Config::new(dir.path()));
    let sign_up = |link: &str| {
        let token = link.split_once('=').unwrap().1;
        let body = json!({"token": token, "username": "ann", "password": PASSWORD}).to_string();
        console.call("POST", "/api/v1/signup").send(body.as_bytes())
    };
    assert!(sign_up(&old).error(403).contains("replaced"));
    assert_eq!(sign_up(console.setup_path.as_deref().unwrap()).status, 200);
    console.sign_in("ann");
}

#[test]
fn an_expired_link_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    config.setup_lifetime = std::time::Duration::ZERO;
    let console = Running::start(config);
    let token = console.setup_path.as_deref().unwrap().split_once('=').unwrap().1;
    let body = json!({"token": token, "username": "ann", "password": PASSWORD}).to_string();
    assert!(console.call("POST", "/api/v1/signup").send(body.as_bytes()).error(403).contains("expired"));
}

#[test]
fn sessions_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::new(dir.path());
    config.session_lifetime = std::time::Duration::ZERO;
    let console = Running::start_with_users(config, &[("ann", Role::Admin)]);
    let token = console.sign_in("ann");
    let answer = console.get("/api/v1/version", &token);
    answer.error(401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[test]
fn guessing_is_slowed_down_and_says_nothing_about_who_exists() {
    let (_dir, console, _) = with_admin();
    let guess = |name: &str| {
        let body = json!({"username": name, "password": "not the password"}).to_string();
        console.call("POST", "/api/v1/authenticate").send(body.as_bytes())
    };
    assert_eq!(guess("ann").error(401), guess("nobody").error(401));
    let limited = (0..20).map(|_| guess("ann")).find(|answer| answer.status == 429).unwrap();
    assert!((1..=300).contains(&limited.header("retry-after").parse::<u32>().unwrap()));
    // Even the right password has to wait, or the limit would tell when it was found.
    let right = json!({"username": "ann", "password": PASSWORD}).to_string();
    assert_eq!(console.call("POST", "/api/v1/authenticate").send(right.as_bytes()).status, 429);
}

#[test]
fn users_are_added_by_admins_and_their_passwords_never_come_back() {
    let (_dir, console, token) = with_admin();
    let add = |name: &str, role: &str| {
        let user = json!({"username": name, "password": PASSWORD, "role": role});
        console.send("POST", "/api/v1/users", &token, &user)
    };
    assert_eq!(add("bob", "auditor").status, 200);
    add("bob", "operator").error(409);
    assert!(add("eve", "root").error(400).starts_with("role: "));
    let users = console.get("/api/v1/users", &token).json();
    assert_eq!(users, json!([{"username": "ann", "role": "admin"}, {"username": "bob", "role": "auditor"}]));
    let history = console.get("/api/v1/audits/mgmt", &token).json();
    assert_eq!(history[0]["subject"], "user bob");
    assert_eq!(history[0]["username"], "ann");
    assert_eq!(history[0]["sourceIP"], "127.0.0.1");
}
