//! Opening a pipe without a writer never returns: a run that did so would hang with its lock.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::program::{peil, program, tiny_survey};

fn spawn(folder: &Path) -> Child {
    let mut command = Command::new(program());
    command
        .args(["run", "pipeline.toml"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Its exit code, once it ends in time.
fn ended(child: &mut Child, within: Duration) -> Option<i32> {
    let began = Instant::now();
    while began.elapsed() < within {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status.code().unwrap_or(-1));
        }
        sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

fn make_pipe(path: &Path) {
    fs::remove_file(path).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_pipe_a_device_and_a_folder_end_the_run_with_exit_code_3() {
    type Spoil = fn(&Path);
    let spoils: [(&str, Spoil); 4] = [
        ("pipe", make_pipe),
        ("device", |path| {
            fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        }),
        ("link to a pipe", |path| {
            let pipe = path.with_extension("pipe");
            fs::rename(path, &pipe).unwrap();
            make_pipe(&pipe);
            std::os::unix::fs::symlink(pipe, path).unwrap();
        }),
        ("folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let folder = tiny_survey();
        spoil(&folder.path().join("input/gp_2024.csv"));
        let code = ended(&mut spawn(folder.path()), Duration::from_secs(20));
        assert_eq!(code, Some(3), "{what}");
        let outcome = peil(folder.path(), &["plan", "pipeline.toml"]);
        assert!(
            outcome.stdout.contains("expected a file"),
            "{what}: {}{}",
            outcome.stdout,
            outcome.stderr
        );
    }
}

/// A publisher that waits for the marts of another one ends with a signal, and its store is free again.
#[test]
fn a_signal_ends_a_wait_with_130_and_the_lock_is_let_go() {
    for signal in ["-TERM", "-INT"] {
        let folder = tiny_survey();
        fs::create_dir(folder.path().join("marts")).unwrap();
        let held = fs::File::create(folder.path().join("marts/lock")).unwrap();
        held.lock().unwrap();
        let mut child = spawn(folder.path());
        let holds = || {
            peil(folder.path(), &["show", "weight:gp:2025", "--pipeline", "pipeline.toml"]).code
                == 0
        };
        let began = Instant::now();
        while !holds() && began.elapsed() < Duration::from_secs(30) {
            sleep(Duration::from_millis(20));
        }
        sleep(Duration::from_millis(500));
        assert!(child.try_wait().unwrap().is_none(), "it waits");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(ended(&mut child, Duration::from_secs(20)), Some(130), "{signal}");
        drop(held);
        let outcome = peil(folder.path(), &["run", "pipeline.toml"]);
        assert_eq!(outcome.code, 0, "{signal}: {}", outcome.stderr);
    }
}
