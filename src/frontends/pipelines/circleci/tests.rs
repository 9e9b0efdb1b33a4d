//! Hostile and odd configurations.

#![allow(clippy::unwrap_used)]
use crate::frontends::pipelines::translated;
use crate::model::Program;

fn program(text: &str) -> Program {
    translated("circleci", &[(".circleci/config.yml", text)], 1)
}

#[test]
fn commands_that_call_themselves_and_each_other_twice_end() {
    let mut text = String::from("version: 2.1\ncommands:\n  a: {steps: [b]}\n  b: {steps: [a, run: make test]}\n");
    for i in 0..40 {
        text.push_str(&format!("  c{i}: {{steps: [c{}, c{}]}}\n", i + 1, i + 1));
    }
    text.push_str("  c40: {steps: [run: make test]}\njobs:\n  x: {steps: [a, c0]}\nworkflows:\n  w: {jobs: [x]}\n");
    let program = program(&text);
    assert!(program.units.len() < 60);
}

const SAMPLE: &str = "version: 2.1\norbs: {o: {commands: {c: {steps: [run: make]}}}, s: circleci/slack@4}\nparameters: {p: {type: boolean, default: false}}\njobs:\n  a:\n    parameters: {e: {type: executor}, s: {type: steps, default: []}}\n    executor: << parameters.e >>\n    steps:\n      - steps: << parameters.s >>\n      - when: {condition: {and: [<< pipeline.parameters.p >>]}, steps: [o/c]}\n      - s/notify: {event: fail}\nworkflows:\n  w:\n    when: {not: << pipeline.parameters.p >>}\n    jobs:\n      - a: {matrix: {parameters: {e: [x, y]}}, requires: [{b: failed}], filters: {tags: {only: /v.*/}}}\n      - b: {type: approval}\n";

proptest::proptest! {
    #[test]
    fn no_damage_makes_it_panic(from in 0..SAMPLE.len(), len in 0usize..40, with in "[\\[\\]{}:'\"$&*|><\n -]{0,4}") {
        program(&format!("{}{with}{}", &SAMPLE[..from], &SAMPLE[(from + len).min(SAMPLE.len())..]));
    }
}
