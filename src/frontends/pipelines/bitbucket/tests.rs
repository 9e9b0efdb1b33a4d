//! Hostile and odd files.

use crate::frontends::pipelines::translated;

fn program(text: &str) {
    translated("bitbucket-pipelines", &[("bitbucket-pipelines.yml", text)], 1);
}

#[test]
fn braces_that_multiply_stay_few() {
    let glob = "{a,b,c,d,e,f,g,h,i}".repeat(20);
    assert_eq!(super::conditions::alternatives(&glob), [glob.as_str()]);
    assert_eq!(super::conditions::alternatives("{rel,hot}/{x}*"), ["rel/x*", "hot/x*"]);
}

#[test]
fn calls_in_calls_end() {
    let condition = "glob(".repeat(100_000);
    program(&SAMPLE.replace("glob(BITBUCKET_BRANCH, \"m*\")", &condition));
}

const SAMPLE: &str = "definitions:\n  services: {db: {image: postgres}}\n  steps:\n    - step: &a {name: a, script: [make, {pipe: 'x/y:1', variables: {A: $B}}]}\npipelines:\n  default:\n    - step: *a\n    - parallel: {steps: [{step: *a}, {step: {<<: *a, trigger: manual}}]}\n    - stage: {name: s, steps: [{step: {script: [x], condition: 'glob(BITBUCKET_BRANCH, \"m*\")'}}]}\n  branches:\n    '{a,b}*': {import: r:m:n}\n  custom:\n    go: [{variables: [{name: E, allowed-values: [a, b]}]}, {step: {type: pipeline, custom: go}}]\n";

proptest::proptest! {
    #[test]
    fn no_damage_makes_it_panic(from in 0..SAMPLE.len(), len in 0usize..40, with in "[\\[\\]{}:'\"$&*|><\n -]{0,4}") {
        program(&format!("{}{with}{}", &SAMPLE[..from], &SAMPLE[(from + len).min(SAMPLE.len())..]));
    }
}
