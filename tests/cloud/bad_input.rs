//! What can be wrong with a store that lies elsewhere: one clear message each, without a key or a secret.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{Outcome, change};
use crate::proxy::{Fate, Proxy, Seen};
use crate::server::{BUCKET, put};
use crate::world::{World, outcome};

fn check(outcome: &Outcome, code: i32, expected: &[&str]) {
    assert_eq!(outcome.code, code, "{}", outcome.stderr);
    for part in expected {
        assert!(outcome.stderr.contains(part), "no `{part}` in: {}", outcome.stderr);
    }
    assert!(outcome.stderr.contains("hint: "), "{}", outcome.stderr);
    for secret in ["AKIATESTONLY", "a-secret-of-nobody"] {
        assert!(!outcome.stderr.contains(secret), "{}", outcome.stderr);
    }
}

fn run(world: &World, folder: &Path, change: impl Fn(&mut Command)) -> Outcome {
    let mut command = world.command(folder, &["run", "pipeline.toml"]);
    change(&mut command);
    outcome(&mut command)
}

/// Every request gets this answer.
fn answered(status: u16, code: &str) -> Outcome {
    let world = World::new();
    let body = format!(
        "<Error><Code>{code}</Code><AWSAccessKeyId>AKIATESTONLY</AWSAccessKeyId><StringToSign>a-secret-of-nobody</StringToSign></Error>"
    );
    let proxy = Proxy::start(move |_: &Seen| Fate::Answer(status, body.clone()));
    run(&world.by(proxy.port), world.worker().path(), |_| {})
}

#[test]
fn without_credentials_the_variables_are_named() {
    let world = World::new();
    let ran = run(&world, world.worker().path(), |command| {
        command.env_remove("AWS_ACCESS_KEY_ID");
    });
    check(&ran, 2, &["s3://surveys", "no credentials", "AWS_ACCESS_KEY_ID"]);
}

#[test]
fn credentials_that_the_store_does_not_take_are_told() {
    check(
        &answered(403, "InvalidAccessKeyId"),
        3,
        &["403 InvalidAccessKeyId", "does not take the credentials"],
    );
    check(&answered(403, "SignatureDoesNotMatch"), 3, &["403 SignatureDoesNotMatch"]);
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    check(&answered(403, "RequestTimeTooSkewed"), 3, &["refuses this machine's clock", "NTP"]);
}

#[test]
fn a_bucket_that_is_not_there_is_told() {
    let world = World::new();
    let worker = world.worker();
    change(worker.path(), "pipeline.toml", &format!("s3://{BUCKET}/"), "s3://no-such-bucket/");
    check(
        &run(&world, worker.path(), |_| {}),
        3,
        &["s3://no-such-bucket/", "there is no such bucket"],
    );
}

#[test]
fn a_store_that_is_out_of_reach_is_told() {
    let world = World::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    check(&run(&world.by(port), world.worker().path(), |_| {}), 3, &["does not answer"]);
}

#[test]
fn a_store_that_ignores_conditions_is_refused_before_anything_is_written() {
    let world = World::new();
    let proxy = Proxy::start(|_| Fate::Unconditional);
    let ran = run(&world.by(proxy.port), world.worker().path(), |_| {});
    check(&ran, 2, &["16 writers raced to create one name, and 16", "If-None-Match"]);
    assert_eq!(world.names(""), Vec::<String>::new());
}

#[test]
fn a_store_that_ignores_only_the_version_is_refused() {
    let world = World::new();
    let proxy = Proxy::start(|seen| {
        // The first sixteen create, all others replace.
        if seen.method == "PUT" && seen.number > 32 { Fate::Unconditional } else { Fate::Pass }
    });
    check(&run(&world.by(proxy.port), world.worker().path(), |_| {}), 2, &["raced"]);
}

#[test]
fn a_web_server_and_an_unknown_scheme_are_no_stores() {
    let world = World::new();
    for (address, expected) in [
        ("https://example.org/a", "no conditional writes"),
        ("ftp://surveys/a", "`ftp://`"),
        ("s3:///a", "no name of a bucket"),
    ] {
        let worker = world.worker();
        let own = format!("s3://{BUCKET}/{}/store", world.prefix);
        change(worker.path(), "pipeline.toml", &own, address);
        check(&run(&world, worker.path(), |_| {}), 2, &[expected, "s3://BUCKET/PREFIX"]);
    }
}

#[test]
fn store_and_marts_with_one_prefix_are_a_mistake() {
    let world = World::new();
    let worker = world.worker();
    change(
        worker.path(),
        "pipeline.toml",
        &format!("{}/marts", world.prefix),
        &format!("{}/store/marts", world.prefix),
    );
    check(&run(&world, worker.path(), |_| {}), 2, &["`store` and `marts` lie in each other"]);
}

#[test]
fn a_worker_of_another_version_is_refused_until_the_store_is_upgraded() {
    let world = World::new();
    let worker = world.worker();
    world.run(worker.path(), &["--until", "weight"]);
    let name = format!("{}/store/program.json", world.prefix);
    put(&name, br#"{"program": "0123456789abcdef", "version": "0.0.9"}"#);
    let refused = run(&world, worker.path(), |_| {});
    check(&refused, 2, &["peil 0.0.9 of sources 01234567", "--upgrade-store"]);
    assert_eq!(world.pointer(), None);
    world.run(worker.path(), &["--upgrade-store"]);
    world.run(world.worker().path(), &[]);
    world.whole_release().unwrap();
}

#[test]
fn a_pointer_that_is_none_is_left_alone() {
    let world = World::new();
    put(&format!("{}/marts/current.json", world.prefix), b"not ours");
    let ran = run(&world, world.worker().path(), |_| {});
    check(&ran, 3, &["/marts/current.json", "no pointer"]);
    assert_eq!(world.get("marts/current.json").unwrap(), b"not ours");
}

#[test]
fn another_secret_is_another_key_of_the_pseudonyms_for_every_worker() {
    let world = World::new();
    world.run(world.worker().path(), &["--until", "ingest"]);
    let other = world.worker();
    let file = other.path().join("pipeline.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("synthetic test data", "another synthetic text")).unwrap();
    let ran = world.run(other.path(), &["--until", "ingest"]);
    assert!(ran.stderr.contains("2 of "), "{}", ran.stderr);
    let records = world.names("store/records/ingest/gp_2024/");
    assert_eq!(records.len(), 2, "{records:?}");
}
