#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use crate::model::{Block, BuiltIn, Call, Event, HOLE, Item, RefKind, Scope, Start, Target, Truth, Unit, UnitKind, Value};

/// The program of files, each a path and a text.
fn program(files: &[(&str, &str)]) -> (SourceSet, Program) {
    let mut sources = SourceSet::default();
    for (path, text) in files {
        sources.add(path, text);
    }
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), "main", &mut program);
    (sources, program)
}

fn starts(on: &str) -> Vec<Start> {
    let text = format!("on:{on}\njobs: {{}}\n");
    let (_, program) = program(&[(".github/workflows/x.yml", &text)]);
    program.units.into_iter().find(|u| u.kind == UnitKind::Pipeline).unwrap().starts
}

fn kinds(on: &str) -> Vec<(Event, RefKind)> {
    starts(on).iter().map(|s| (s.event, s.on)).collect()
}

fn unit<'p>(program: &'p Program, name: &str) -> &'p Unit {
    program.units.iter().find(|u| u.name == name).unwrap()
}

fn block(item: &Item) -> &Block {
    let Item::Block(block) = item else { panic!("{item:?}") };
    block
}

fn built_in(item: &Item) -> &BuiltIn {
    let Item::BuiltIn(built_in) = item else { panic!("{item:?}") };
    built_in
}

fn call(item: &Item) -> &Call {
    let Item::Call(call) = item else { panic!("{item:?}") };
    call
}

fn cut(sources: &SourceSet, span: crate::source::Span) -> &str {
    &sources.file(span.file).text[span.start as usize..span.end as usize]
}

#[test]
fn a_push_starts_what_its_filters_let_through() {
    use Event::{Push, Tag};
    assert_eq!(kinds(" push"), [(Push, RefKind::Trunk), (Push, RefKind::OtherBranch), (Tag, RefKind::Tag)]);
    assert_eq!(kinds("\n  push: {branches: [main]}"), [(Push, RefKind::Trunk)]);
    assert_eq!(kinds("\n  push: {branches: ['**', '!main']}"), [(Push, RefKind::OtherBranch)]);
    assert_eq!(kinds("\n  push: {branches-ignore: [main]}"), [(Push, RefKind::OtherBranch)]);
    let tag = starts("\n  push: {tags: ['v*']}");
    assert_eq!((tag.len(), tag[0].event, tag[0].on), (1, Tag, RefKind::Tag));
    assert_eq!(tag[0].scope().get("env.GITHUB_REF_NAME"), Value::text(format!("v{HOLE}")));
    let both = starts("\n  push: {branches: [main, develop], tags: ['v*']}");
    assert_eq!(both.iter().map(|s| s.on).collect::<Vec<_>>(), [RefKind::Trunk, RefKind::OtherBranch, RefKind::Tag]);
    assert_eq!(both[1].scope().get("github.ref"), Value::text("refs/heads/develop"));
}

#[test]
fn a_change_is_unmerged_unless_it_was_closed_by_a_merge() {
    assert_eq!(kinds("\n  pull_request:"), [(Event::Change, RefKind::Change)]);
    let closed = starts("\n  pull_request: {types: [closed]}");
    let merged = expression::condition("github.event.pull_request.merged == true").unwrap();
    assert_eq!((closed[0].on, merged.truth(&closed[0].scope())), (RefKind::Trunk, Truth::True));
    assert_eq!((closed[1].on, merged.truth(&closed[1].scope())), (RefKind::Change, Truth::False));
    assert_eq!(kinds("\n  pull_request: {types: [opened, labeled]}").last(), Some(&(Event::Manual, RefKind::Change)));
    assert_eq!(kinds(" merge_group"), [(Event::Change, RefKind::Trunk)]);
}

#[test]
fn other_events_have_their_neutral_names() {
    let text = "\n  schedule: [{cron: '0 1 * * *'}]\n  release: {types: [published]}\n  repository_dispatch:\n  issue_comment:\n  workflow_call:\n  deployment_status:";
    let expected = [
        (Event::Schedule, RefKind::Trunk),
        (Event::Tag, RefKind::Tag),
        (Event::Api, RefKind::Trunk),
        (Event::Manual, RefKind::Trunk),
        (Event::Upstream, RefKind::Trunk),
    ];
    assert_eq!(kinds(text), expected);
    let asks_for_nothing = "\n  issues: {types: [opened]}\n  watch:";
    assert_eq!(kinds(asks_for_nothing), [(Event::Api, RefKind::Trunk), (Event::Api, RefKind::Trunk)]);
    let run = &starts("\n  workflow_run: {workflows: [Build], types: [completed]}")[0];
    assert_eq!((run.event, run.after.as_slice()), (Event::Upstream, ["Build".to_owned()].as_slice()));
    assert!(run.carry.contains(&("github.event_name".to_owned(), "github.event.workflow_run.event".to_owned())));
}

#[test]
fn a_person_chooses_from_what_the_inputs_offer() {
    let text = "on:\n  push: {branches: [main]}\n  workflow_dispatch:\n    inputs:\n      env: {type: choice, options: [dev, prod]}\n      dry: {type: boolean}\n      tag: {default: latest}\njobs:\n  a:\n    if: inputs.env == 'prod' && !inputs.dry\n    steps: []\n";
    let (sources, program) = program(&[(".github/workflows/x.yml", text)]);
    let pipeline = unit(&program, ".github/workflows/x.yml");
    let when = &unit(&program, "a").when;
    let truths: Vec<Truth> = pipeline.starts.iter().map(|s| when.truth(&s.scope())).collect();
    assert_eq!(truths.iter().filter(|t| **t == Truth::True).count(), 1);
    assert_eq!(truths.iter().filter(|t| **t == Truth::False).count(), 4, "a push gives no input");
    assert_eq!(pipeline.starts[0].scope().get("input.env"), Value::text(""));
    assert_eq!(pipeline.starts[1].scope().get("input.tag"), Value::Unknown);
    assert_eq!(cut(&sources, pipeline.starts[1].span), "workflow_dispatch");
    assert_eq!(pipeline.params.iter().find(|p| p.name == "input.env").unwrap().options, ["dev", "prod"]);
}

#[test]
fn the_payload_of_other_events_is_empty() {
    let text = "on: [push, pull_request]\njobs:\n  a:\n    if: github.event.pull_request.title != 'x' || github.event.head_commit.message == 'y'\n    steps: []\n";
    let (_, program) = program(&[(".github/workflows/x.yml", text)]);
    let push = unit(&program, ".github/workflows/x.yml").starts[0].scope();
    assert_eq!(push.get("github.event.pull_request.title"), Value::text(""));
    assert!(!push.has("github.event.head_commit.message"));
}

#[test]
fn a_job_has_its_environment_needs_matrix_and_places() {
    let text = "on: push\nenv: {A: 1}\ndefaults: {run: {working-directory: app}}\njobs:\n  build:\n    steps:\n      - run: make\n      - {run: make, working-directory: ./lib/}\n  deploy:\n    needs: build\n    if: ${{ false }}\n    strategy: {matrix: {env: [dev, prod]}}\n    environment: {name: '${{ matrix.env }}'}\n    services: {db: {image: postgres}}\n    env: {B: \"${{ env.A }}-x\"}\n    steps:\n      - name: Push it\n        id: p\n        uses: docker/build-push-action@v5 # note\n        with:\n          push: ${{ github.ref == 'refs/heads/main' }}\n\n      - uses: docker://alpine:3\n";
    let (sources, program) = program(&[(".github/workflows/x.yml", text)]);
    let (build, deploy) = (unit(&program, "build"), unit(&program, "deploy"));
    assert_eq!(block(&build.body[0]).dir, Some(Expr::lit("app")));
    assert_eq!(block(&build.body[1]).dir, Some(Expr::lit("lib")));
    assert_eq!((deploy.needs[0].name.as_str(), deploy.matrix.len()), ("build", 2));
    assert_eq!(deploy.environment, Some(Expr::Var("matrix.env".into())));
    assert!(deploy.local_services && deploy.disabled.is_some());
    let step = block(&deploy.body[0]);
    let item = built_in(&step.items[0]);
    assert_eq!((item.name.as_str(), item.version.as_str(), step.id.as_deref()), ("docker/build-push-action", "v5", Some("p")));
    assert!(cut(&sources, item.span).starts_with("- name: Push it") && cut(&sources, item.span).ends_with("main' }}"));
    assert!(cut(&sources, deploy.span).starts_with("deploy:") && cut(&sources, deploy.span).ends_with("alpine:3"));
    assert_eq!(built_in(&block(&deploy.body[1]).items[0]).name, "docker://alpine:3");
    let pipeline = unit(&program, ".github/workflows/x.yml");
    assert_eq!((pipeline.jobs.len(), &pipeline.bind[0]), (2, &("env.A".to_owned(), Expr::lit("1"))));
}

#[test]
fn calls_bind_inputs_and_external_ones_are_built_ins() {
    let caller = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/deploy.yml\n    with: {env: prod}\n  b:\n    uses: org/repo/.github/workflows/x.yml@v1\n    secrets: inherit\n";
    let deploy = "name: Deploy\non:\n  workflow_call:\n    inputs:\n      env: {required: true, type: string}\n      dry: {type: boolean}\n    outputs: {tag: {value: '${{ jobs.d.outputs.t }}'}}\njobs:\n  d:\n    environment: ${{ inputs.env }}\n    steps:\n      - uses: actions/checkout@v4\n        with: {path: src}\n      - uses: ./src/.github/actions/go/\n        with: {x: '1'}\n      - run: ls\n        working-directory: src/app\n";
    let action =
        "name: Go\ninputs: {x: {required: true}, y: {default: z}}\nruns:\n  using: composite\n  steps:\n    - uses: a/b@v1\n";
    let files = [
        (".github/actions/go/action.yml", action),
        (".github/workflows/a.yml", caller),
        (".github/workflows/deploy.yml", deploy),
    ];
    let (sources, program) = program(&files);
    let local = call(&unit(&program, "a").body[0]);
    assert_eq!(local.target, Target::Pipeline(".github/workflows/deploy.yml".into()));
    assert_eq!((local.isolated, &local.bind[0]), (true, &("input.env".to_owned(), Expr::lit("prod"))));
    let external = built_in(&unit(&program, "b").body[0]);
    assert!(
        external.external_call
            && cut(&sources, external.span).starts_with("b:")
            && cut(&sources, external.span).ends_with("inherit")
    );
    let deploy = unit(&program, "Deploy");
    assert!(deploy.starts.is_empty());
    assert_eq!(deploy.params[0].default, None);
    assert_eq!(deploy.params[1].default, Some(Expr::lit("false")));
    assert_eq!(deploy.outputs, [("tag".to_owned(), Expr::Var("needs.d.outputs.t".into()))]);
    let job = unit(&program, "d");
    assert_eq!(call(&block(&job.body[1]).items[0]).target, Target::Action(".github/actions/go".into()));
    assert_eq!(block(&job.body[2]).dir, Some(Expr::lit("app")));
    let go = unit(&program, ".github/actions/go");
    assert_eq!((go.kind, go.params[1].default.clone()), (UnitKind::Action, Some(Expr::lit("z"))));
}

#[test]
fn odd_shapes_cost_one_field() {
    let text = "on: push\njobs:\n  a: text\n  b:\n    if: a ==\n    needs: {x: y}\n    env: text\n    environment: [x]\n    steps:\n      - text\n      - run: [a, b]\n      - uses: {a: b}\n      - if: !cancelled()\n        run: x\n      - parallel:\n          - uses: a/b@v1\n";
    let (_, program) = program(&[(".github/workflows/x.yml", text)]);
    let job = unit(&program, "b");
    assert_eq!(job.body.len(), 4);
    assert!(matches!(job.when, Expr::Unknown(_)));
    assert_eq!(block(&job.body[2]).when, Expr::Not(Box::new(Expr::Status(crate::model::Status::Cancelled))));
    assert_eq!(built_in(&block(&block(&job.body[3]).items[0]).items[0]).name, "a/b");
    assert_eq!(program.diagnostics.len(), 4);
}

#[test]
fn branches_are_counted_for_the_trunk() {
    let mut sources = SourceSet::default();
    let text = "on:\n  push: {branches: [trunk, 'release/**']}\njobs:\n  a:\n    if: github.ref == 'refs/heads/trunk' && github.ref != 'refs/tags/v1'\n    environment: ${{ github.ref_name == 'live' && 'prod' || 'dev' }}\n";
    sources.add(".github/workflows/x.yml", text);
    let mut program = Program::default();
    survey(&sources, &mut program);
    let counts: Vec<(&str, usize)> = program.branches.iter().map(|(n, c)| (n.as_str(), *c)).collect();
    assert_eq!(counts, [("live", 1), ("trunk", 2)]);
}

#[test]
fn the_runner_tells_its_system() {
    let text = "on: push\njobs:\n  a:\n    runs-on: ${{ matrix.os }}\n    strategy: {matrix: {os: [ubuntu-latest, windows-2022]}}\n    steps: []\n  b:\n    runs-on: [self-hosted, Linux]\n";
    let (_, program) = program(&[(".github/workflows/x.yml", text)]);
    let (name, os) = &unit(&program, "a").bind[0];
    let mut known = Scope::default();
    known.set("matrix.os", Value::text("windows-2022"));
    assert_eq!((name.as_str(), os.eval(&known)), ("runner.os", Value::text("Windows")));
    assert_eq!(unit(&program, "b").bind[0].1.eval(&known), Value::text("Linux"));
}

const SAMPLE: &str = "on:\n  push: {branches: [main]}\n  workflow_dispatch: {inputs: {e: {options: [a, b]}}}\njobs:\n  a:\n    if: ${{ contains(github.ref, 'x') && (inputs.e == 'a' || !env.B) }}\n    strategy:\n      matrix:\n        x: [1, 2]\n        include: [{x: 1, y: 2}]\n    steps:\n      - uses: a/b@v1\n        with: {c: \"${{ format('{0}', matrix.x) }}\"}\n      - run: |\n          echo ${{ env.B }}\n";

proptest::proptest! {
    #[test]
    fn no_damage_makes_it_panic(from in 0..SAMPLE.len(), len in 0usize..40, with in "[\\[\\]{}:'\"$&*|>\n -]{0,4}") {
        let text = format!("{}{with}{}", &SAMPLE[..from], &SAMPLE[(from + len).min(SAMPLE.len())..]);
        let (sources, mut program) = program(&[(".github/workflows/x.yml", &text)]);
        survey(&sources, &mut program);
    }
}
