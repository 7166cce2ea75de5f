//! What the plan says is what the run then does.

use proptest::prelude::*;

use super::*;

/// An edit of the world.
#[derive(Debug, Clone)]
enum Edit {
    Deliver(usize, usize, u8),
    Column(u8),
    Condition(u8),
    RemoveObject(u8),
    DamageObject(u8),
    Nothing,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..PANELS.len(), 0..WAVES.len(), 0..3u8)
            .prop_map(|(panel, wave, text)| Edit::Deliver(panel, wave, text)),
        (0..3u8).prop_map(Edit::Column),
        (0..3u8).prop_map(Edit::Condition),
        any::<u8>().prop_map(Edit::RemoveObject),
        any::<u8>().prop_map(Edit::DamageObject),
        Just(Edit::Nothing),
    ]
}

fn apply(world: &World, edit: &Edit, config: &mut (u8, u8)) {
    match edit {
        Edit::Deliver(panel, wave, text) => {
            world.deliver(PANELS[*panel], WAVES[*wave], ["a\nb", "A\nb", "c"][usize::from(*text)]);
        }
        Edit::Column(column) => config.0 = *column,
        Edit::Condition(condition) => config.1 = *condition,
        Edit::RemoveObject(which) | Edit::DamageObject(which) => {
            let mut paths: Vec<PathBuf> = fs::read_dir(world.store_folder().join("objects"))
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "parquet"))
                .collect();
            paths.sort();
            if !paths.is_empty() {
                let path = &paths[usize::from(*which) % paths.len()];
                if matches!(edit, Edit::RemoveObject(_)) {
                    fs::remove_file(path).unwrap();
                } else {
                    fs::write(path, b"not parquet").unwrap();
                }
            }
        }
        Edit::Nothing => {}
    }
    let text = CONFIG.replacen("\"Q1\"", &format!("\"Q{}\"", config.0), 1);
    world.configure(&text.replace("\"x\"", &format!("\"x{}\"", config.1)));
}

/// The same reason, apart from what a delivery's change means in cells.
fn reasons(decision: &Decision) -> Option<String> {
    matches!(decision, Decision::Run { .. }).then(|| why(decision))
}

fn check(rounds: &[Vec<Edit>]) -> Result<(), TestCaseError> {
    let world = World::new();
    let mut config = (1, 0);
    for edits in rounds {
        for edit in edits {
            apply(&world, edit, &mut config);
        }
        let plan = world.walk(Mode::Plan).outcomes;
        let done = world.walk(Mode::Run);
        prop_assert!(done.result.is_ok());
        prop_assert!(plan.keys().eq(done.outcomes.keys()));
        for (step, planned) in &plan {
            let ran = done.outcomes[step].ended.is_some();
            match &planned.decision {
                Decision::UpToDate => prop_assert!(!ran, "{} ran against the plan", step),
                Decision::Run { .. } => {
                    let said = reasons(&planned.decision).unwrap_or_default();
                    let given = reasons(&done.outcomes[step].decision).unwrap_or_default();
                    prop_assert!(ran, "{step} did not run against the plan: {said}");
                    // A reason that only shows once the input is made may be added.
                    for reason in said.split("; ") {
                        prop_assert!(
                            given.contains(reason),
                            "{step}: planned because {said}, ran because {given}"
                        );
                    }
                }
                Decision::MayRun { depends_on } => {
                    let upstream_ran = depends_on.iter().any(|name| {
                        done.outcomes.values().any(|outcome| {
                            outcome.step.to_string() == *name && outcome.ended.is_some()
                        })
                    });
                    prop_assert!(
                        upstream_ran || !ran,
                        "{} ran though nothing that it depends on did",
                        step
                    );
                }
                other => prop_assert!(false, "{} is {:?}", step, other),
            }
        }
        let after = world.walk(Mode::Plan).outcomes;
        prop_assert!(after.values().all(|outcome| outcome.decision == Decision::UpToDate));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_run_does_what_the_plan_says(rounds in prop::collection::vec(prop::collection::vec(edit(), 0..4), 1..4)) {
        check(&rounds)?;
    }
}
