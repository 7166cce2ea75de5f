//! The site of the sample release, in a browser where there is one.

use std::path::Path;
use std::process::Command;

use crate::program::root;

/// What `make test` installs: a browser, and the packages of tests/site.
fn has_browser() -> bool {
    let browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let has = |paths: &[&str]| paths.iter().any(|path| Path::new(path).exists());
    has(&browsers) && root().join("tests/site/node_modules").exists()
}

#[test]
fn the_site_of_the_sample_release_keeps_its_promises_in_a_browser() {
    assert!(
        has_browser(),
        "no Chromium or no tests/site/node_modules; `make browser` installs them"
    );
    let done = Command::new("make")
        .arg("site-check")
        .env("SAMPLE", "5")
        .current_dir(root())
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{}\n{}", said(&done.stdout), said(&done.stderr));
}
