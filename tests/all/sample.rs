//! A report made by hand: a shop of two services at different maturity.

use prodpath::model::{
    Automation, Cell, Confidence, Event, Flag, GateKind, Means, OrphanKind, ServiceKind, Stage, Tier, TrunkSource, Verdict,
};
use prodpath::report::keys::{Keys, ids};
use prodpath::report::*;
use prodpath::source::Severity;

/// A place of one line, or of several.
pub fn at(path: &str, line: u32, end_line: u32) -> Location {
    Location { path: path.to_owned(), line, end_line, column: 9, end_column: 40 }
}

/// A link without a place.
fn link(kind: LinkKind, name: &str, location: Option<Location>) -> Link {
    Link { kind, name: name.to_owned(), location }
}

const CI: &str = ".github/workflows/ci.yml";
const RELEASE: &str = ".github/workflows/release.yml";

/// The ways in which the sample's steps are reached.
fn way(name: &str) -> Vec<Link> {
    let push = |path: &str| link(LinkKind::Event, "push", Some(at(path, 3, 3)));
    let ci = || vec![push(CI), link(LinkKind::Pipeline, "CI", Some(at(CI, 1, 60)))];
    let release = || vec![push(RELEASE), link(LinkKind::Pipeline, "Release", Some(at(RELEASE, 1, 70)))];
    let job = |path: &str, name: &str, line| link(LinkKind::Job, name, Some(at(path, line, line + 12)));
    match name {
        "ci" => [ci(), vec![job(CI, "build", 8)]].concat(),
        "npm" => {
            [ci(), vec![job(CI, "build", 8), link(LinkKind::NpmScript, "build", Some(at("services/cart/package.json", 7, 7)))]]
                .concat()
        }
        "staging" => [release(), vec![job(RELEASE, "staging", 8)]].concat(),
        "production" => [
            release(),
            vec![
                link(LinkKind::Gate, "approve", Some(at(RELEASE, 31, 31))),
                job(RELEASE, "production", 36),
                link(LinkKind::Script, "scripts/rollout.sh", Some(at("scripts/rollout.sh", 1, 20))),
            ],
        ]
        .concat(),
        "deploy.sh" => vec![link(LinkKind::Script, "scripts/deploy.sh", Some(at("scripts/deploy.sh", 1, 20)))],
        _ => vec![link(LinkKind::Target, "test", Some(at("services/catalog/Makefile", 7, 9)))],
    }
}

/// A step of the sample.
#[derive(Clone, Copy)]
pub struct Row {
    pub stage: Stage,
    pub text: &'static str,
    pub path: &'static str,
    pub line: u32,
    pub services: &'static [&'static str],
    pub environment: Option<&'static str>,
    pub automation: Automation,
    pub means: Means,
    pub way: &'static str,
}

const BOTH: &[&str] = &["cart", "catalog"];
const CART: &[&str] = &["cart"];
const CATALOG: &[&str] = &["catalog"];

const fn row(stage: Stage, text: &'static str, path: &'static str, line: u32, services: &'static [&'static str]) -> Row {
    Row {
        stage,
        text,
        path,
        line,
        services,
        environment: None,
        automation: Automation::Automated,
        means: Means::Command,
        way: "ci",
    }
}

/// The steps of the sample, missing one excepted.
pub fn rows() -> Vec<Row> {
    use Automation::{Automated, Manual, PushButton};
    let deploy = |text, path, line, services, environment, automation, way| Row {
        environment: Some(environment),
        automation,
        way,
        ..row(Stage::Deploy, text, path, line, services)
    };
    vec![
        Row { means: Means::BuiltIn, ..row(Stage::Source, "actions/checkout@v4", CI, 11, BOTH) },
        row(Stage::Build, "npm ci", CI, 14, BOTH),
        row(Stage::Check, "npx eslint .", CI, 15, BOTH),
        row(Stage::Test, "npm test", CI, 16, CART),
        Row { means: Means::BuiltIn, ..row(Stage::Scan, "aquasecurity/trivy-action@0.28.0", CI, 18, CART) },
        Row { means: Means::BuiltIn, ..row(Stage::Publish, "docker/build-push-action@v6", CI, 24, BOTH) },
        deploy("kubectl apply -f k8s/staging", RELEASE, 14, BOTH, "staging", Automated, "staging"),
        Row { way: "staging", ..row(Stage::Verify, "kubectl rollout status deployment/cart", RELEASE, 15, CART) },
        deploy(
            "kubectl set image deployment/cart cart=registry.example.com/shop/cart:$TAG",
            "scripts/rollout.sh",
            9,
            CART,
            "production",
            PushButton,
            "production",
        ),
        deploy("kubectl apply -f k8s/production", "scripts/deploy.sh", 12, CATALOG, "production", Manual, "deploy.sh"),
        row(Stage::Build, "tsc -p .", "services/cart/package.json", 7, CART),
        Row { automation: Manual, way: "make", ..row(Stage::Test, "go test ./...", "services/catalog/Makefile", 8, CATALOG) },
    ]
}

fn steps() -> Vec<Step> {
    let mut keys = Keys::new();
    let mut steps: Vec<Step> = rows()
        .into_iter()
        .map(|row| {
            let location = at(row.path, row.line, if row.text.starts_with("docker/") { row.line + 6 } else { row.line });
            let way = if row.text == "tsc -p ." { "npm" } else { row.way };
            let mut chain = way_to(way);
            chain.push(link(LinkKind::Step, row.text, Some(location.clone())));
            let manual = row.automation == Automation::Manual;
            Step {
                id: String::new(),
                key: keys.step(row.stage, row.environment, row.text),
                stage: row.stage,
                test_kind: (row.stage == Stage::Test).then(|| "unit".to_owned()),
                also: if row.text.starts_with("docker/") { vec![Stage::Package] } else { Vec::new() },
                automation: row.automation,
                means: Some(row.means),
                environment: row.environment.map(str::to_owned),
                services: row.services.iter().map(|s| (*s).to_owned()).collect(),
                blocking: row.stage != Stage::Scan && !manual,
                confidence: Confidence::Certain,
                flags: if row.automation == Automation::PushButton { vec![Flag::MayBeGated] } else { Vec::new() },
                location: Some(location),
                text: Some(row.text.to_owned()),
                row: Some(row.text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")),
                why: None,
                unit: chain.iter().rev().nth(1).map(|l| l.name.clone()),
                events: if manual { Vec::new() } else { vec![Event::Push] },
                chain,
                other_ways: Vec::new(),
            }
        })
        .collect();
    steps.push(Step {
        id: String::new(),
        key: keys.step(Stage::Verify, None, ""),
        stage: Stage::Verify,
        test_kind: None,
        also: Vec::new(),
        automation: Automation::Missing,
        means: None,
        environment: None,
        services: vec!["catalog".to_owned()],
        blocking: false,
        confidence: Confidence::Certain,
        flags: Vec::new(),
        location: None,
        text: None,
        row: None,
        why: Some("the path of a deployed service has this stage, and nothing checks catalog after it is deployed".to_owned()),
        unit: None,
        events: Vec::new(),
        chain: Vec::new(),
        other_ways: Vec::new(),
    });
    let all: Vec<String> = steps.iter().map(|s| s.key.clone()).collect();
    for (step, id) in steps.iter_mut().zip(ids(&all)) {
        step.id = id;
    }
    steps[1].other_ways.push(OtherWay {
        automation: Automation::PushButton,
        chain: vec![
            link(LinkKind::Event, "manual", Some(at(CI, 5, 5))),
            link(LinkKind::Pipeline, "CI", Some(at(CI, 1, 60))),
            link(LinkKind::Job, "build", Some(at(CI, 8, 20))),
        ],
    });
    steps
}

fn way_to(name: &str) -> Vec<Link> {
    way(name)
}

fn cells(steps: &[Step], service: &str, values: [f64; 5]) -> Vec<PathCell> {
    [Cell::Build, Cell::Test, Cell::Publish, Cell::Deploy, Cell::Verify]
        .into_iter()
        .zip(values)
        .map(|(cell, value)| PathCell {
            cell,
            value,
            steps: steps
                .iter()
                .filter(|s| s.services.iter().any(|n| n == service))
                .filter(|s| s.stage == cell.stage() || (cell == Cell::Build && s.also.contains(&Stage::Package)))
                .map(|s| s.id.clone())
                .collect(),
        })
        .collect()
}

fn blocker(kind: BlockerKind, cell: Cell, environment: Option<&str>, location: Option<Location>) -> Blocker {
    Blocker { kind, cell, environment: environment.map(str::to_owned), location }
}

fn service(
    name: &str,
    coverage: f64,
    verdict: Verdict,
    blockers: Vec<Blocker>,
    path: Vec<PathCell>,
    chain: Vec<Link>,
) -> Service {
    Service {
        name: name.to_owned(),
        aliases: if name == "cart" { vec!["shop-cart".to_owned()] } else { Vec::new() },
        root: format!("services/{name}"),
        kind: ServiceKind::Deployed,
        coverage,
        to_production: ToProduction { verdict, blockers, chain },
        path,
    }
}

/// The sample report.
pub fn report() -> Report {
    let steps = steps();
    let production = Some("production");
    let cart = service(
        "cart",
        0.9,
        Verdict::AfterApproval,
        vec![blocker(BlockerKind::Gate, Cell::Deploy, production, Some(at(RELEASE, 31, 31)))],
        cells(&steps, "cart", [1.0, 1.0, 1.0, 0.5, 1.0]),
        way("production"),
    );
    let catalog = service(
        "catalog",
        0.5,
        Verdict::ByHand,
        vec![
            blocker(BlockerKind::Manual, Cell::Test, None, Some(at("services/catalog/Makefile", 8, 8))),
            blocker(BlockerKind::Manual, Cell::Deploy, production, Some(at("scripts/deploy.sh", 12, 12))),
            blocker(BlockerKind::Missing, Cell::Verify, None, None),
        ],
        cells(&steps, "catalog", [1.0, 0.0, 1.0, 0.5, 0.0]),
        Vec::new(),
    );
    let contributions = [&cart, &catalog]
        .iter()
        .flat_map(|s| s.path.iter().map(|p| Contribution { service: s.name.clone(), cell: p.cell, points: p.value / 10.0 }))
        .collect();
    let gated = steps.iter().filter(|s| s.automation == Automation::PushButton).map(|s| s.id.clone()).collect();
    Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: "prodpath".to_owned(),
            version: "0.1.0".to_owned(),
            model_version: "1".to_owned(),
            catalogue_hash: "c0ffee".to_owned(),
            config_hash: "0".to_owned(),
        },
        repository: Repository {
            name: "shop".to_owned(),
            root: ".".to_owned(),
            commit: None,
            trunk: Trunk { name: "main".to_owned(), from: TrunkSource::Pipelines },
        },
        configuration: None,
        score: Some(Score {
            production: Production { every_commit: 0, with_buttons: 1, services: 2 },
            coverage: Interval { low: 0.7, value: 0.7, high: 0.8 },
            delivery: Interval { low: 0.75, value: 0.75, high: 0.85 },
            step_share: 9.0 / 13.0,
            built_in_share: 0.9,
            blocking_share: 0.75,
            steps: StepCounts { automated: 9, push_button: 1, manual: 2, missing: 1, unknown: 0, total: 13 },
            contributions,
        }),
        services: vec![cart, catalog],
        environments: vec![
            Environment { name: "staging".to_owned(), tier: Tier::Staging, order: 0 },
            Environment { name: "production".to_owned(), tier: Tier::Production, order: 1 },
        ],
        steps,
        disabled: vec![Disabled { location: at(CI, 40, 46), text: "job legacy".to_owned(), why: "if: false".to_owned() }],
        gates: vec![Gate {
            kind: GateKind::Approval,
            location: at(RELEASE, 31, 31),
            name: "approve".to_owned(),
            blocking: true,
            services: vec!["cart".to_owned()],
            environments: vec!["production".to_owned()],
            steps: gated,
        }],
        orphans: vec![Orphan { kind: OrphanKind::Script, location: at("scripts/deploy.sh", 1, 20), stages: vec![Stage::Deploy] }],
        replacements: Vec::new(),
        replaceable: Replaceable::default(),
        practices: vec![Practice {
            check: "rollback".to_owned(),
            asks: "Is there a way back?".to_owned(),
            one_sided: true,
            looked_for: vec!["a step that goes back".to_owned()],
            status: PracticeStatus::NotApplicable,
            why: "no step undoes a deployment".to_owned(),
            locations: Vec::new(),
            standards: Vec::new(),
        }],
        drift: Vec::new(),
        unknowns: vec![Unknown {
            location: at(CI, 44, 44),
            why: "one composite action could not be read; it may hold catalog's verify".to_owned(),
        }],
        diagnostics: vec![Diagnostic {
            severity: Severity::Warning,
            location: at("docker-compose.yml", 17, 17),
            message: "duplicate key `ports`; the last one counts".to_owned(),
        }],
        files: Files {
            read: 41,
            partly_read: vec![PassedFile { path: "docker-compose.yml".to_owned(), why: "a duplicate key".to_owned() }],
            unread: Vec::new(),
            skipped: vec![PassedFile { path: "docs/big.md".to_owned(), why: "larger than 5 MB".to_owned() }],
        },
        suppressed: Vec::new(),
    }
}
