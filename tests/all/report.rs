//! The outputs of a whole report.

use crate::sample;
use prodpath::model::Tier;
use prodpath::report::look::Look;
use prodpath::report::terminal::{Detail, Options, render};
use prodpath::report::views::{self, Target};
use prodpath::report::{Environment, Files, Production, Report, StepCounts, json};

fn screen(width: usize, change: impl Fn(&mut Options)) -> String {
    let mut options = Options { look: Look { width: Some(width), ..Look::default() }, ..Options::default() };
    change(&mut options);
    render(&sample::report(), &options)
}

#[test]
fn first_screen() {
    insta::assert_snapshot!("screen_160", screen(160, |_| ()));
    insta::assert_snapshot!("screen_80", screen(80, |_| ()));
    insta::assert_snapshot!("screen_50", screen(50, |_| ()));
    insta::assert_snapshot!("screen_ascii", screen(80, |o| o.look.ascii = true));
    insta::assert_snapshot!("screen_quiet", screen(80, |o| o.detail = Detail::Quiet));
    insta::assert_snapshot!("screen_verbose", screen(120, |o| o.detail = Detail::Verbose));
    insta::assert_snapshot!("screen_one_service", screen(120, |o| o.services = vec!["cart".to_owned()]));
}

#[test]
fn first_screen_fits_its_width() {
    for width in [50, 60, 80, 100, 120, 160] {
        for ascii in [false, true] {
            let text = screen(width, |o| o.look.ascii = ascii);
            for line in text.lines() {
                assert!(prodpath::report::look::width(line) <= width, "{width}: {line}");
            }
            assert!(!ascii || text.is_ascii(), "{text}");
            assert!(text.lines().all(|l| !l.ends_with(' ')), "{text}");
        }
    }
}

#[test]
fn colour_only_adds_escapes() {
    let plain = screen(100, |_| ());
    let colour = screen(100, |o| o.look.color = true);
    assert!(colour.contains("\u{1b}[32m●\u{1b}[0m"), "{colour}");
    assert_eq!(anstream::adapter::strip_str(&colour).to_string(), plain);
}

#[test]
fn many_services_show_the_worst_first() {
    let mut report = sample::report();
    let model = report.services[0].clone();
    report.services = (0..20u8)
        .map(|i| {
            let mut service = model.clone();
            service.name = format!("a-service-with-a-rather-long-name-{i:02}");
            service.coverage = f64::from(i) / 20.0;
            service
        })
        .collect();
    for i in 0..7u32 {
        let name = format!("region-{i}");
        report.environments.push(Environment { name: name.clone(), tier: Tier::Production, order: 2 + i });
        let mut step = report.steps.iter().find(|s| s.environment.is_some()).unwrap().clone();
        step.id = format!("region{i}");
        step.environment = Some(name);
        for service in &mut report.services {
            service.path[3].steps.push(step.id.clone());
        }
        report.steps.push(step);
    }
    let show = |detail, width| {
        let look = Look { width: Some(width), ..Look::default() };
        render(&report, &Options { look, detail, ..Options::default() })
    };
    insta::assert_snapshot!("screen_many_services_80", show(Detail::Normal, 80));
    insta::assert_snapshot!("screen_many_services_160", show(Detail::Normal, 160));
    assert!(show(Detail::Verbose, 160).contains("a-service-with-a-rather-long-name-19"));
}

#[test]
fn without_steps_it_says_what_was_looked_for() {
    let mut report = sample::report();
    report.score = None;
    report.services.clear();
    report.steps.clear();
    insta::assert_snapshot!("screen_nothing", render(&report, &Options::default()));
}

#[test]
fn one_of_each_is_singular() {
    let mut report = sample::report();
    report.services.truncate(1);
    report.files = Files { read: 1, ..Files::default() };
    let score = report.score.as_mut().unwrap();
    score.production = Production { every_commit: 0, with_buttons: 1, services: 1 };
    score.steps = StepCounts { automated: 1, total: 1, ..StepCounts::default() };
    let text = render(&report, &Options::default());
    for part in ["1 service · 1 step · 1 file read", "0 of 1 service reaches production on every commit", "1 of 1 step automated"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn no_text_of_the_repository_steers_the_terminal() {
    let mut report = sample::report();
    let hostile = "x\u{1b}]0;owned\u{7}\u{202e}\u{9b}1m\r\ny";
    report.repository.name = hostile.to_owned();
    report.services[0].name = hostile.to_owned();
    report.services[0].aliases = vec![hostile.to_owned()];
    report.environments[0].name = hostile.to_owned();
    report.unknowns[0].why = hostile.to_owned();
    report.diagnostics[0].message = hostile.to_owned();
    report.diagnostics[0].location.path = hostile.to_owned();
    report.gates[0].name = hostile.to_owned();
    report.disabled[0].text = hostile.to_owned();
    for step in &mut report.steps {
        step.services = vec![hostile.to_owned()];
        step.text = Some(hostile.to_owned());
        step.unit = Some(hostile.to_owned());
        step.environment = Some(hostile.to_owned());
        step.chain.iter_mut().for_each(|l| l.name = hostile.to_owned());
    }
    let look = Look::default();
    let mut screens = vec![render(&report, &Options { detail: Detail::Verbose, ..Options::default() })];
    let service = report.service(hostile).unwrap();
    screens.push(views::path(&report, service, look));
    screens.push(views::why_not(&report, service, look));
    screens.push(views::score(&report, look));
    for step in &report.steps {
        screens.push(views::explain(&report, &Target::Id(step.id.clone()), look).0);
    }
    for text in screens {
        let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
        assert_eq!(bad, None, "{text}");
    }
}

#[test]
fn json_keeps_the_contract() {
    let schema: serde_json::Value = serde_json::from_str(&json::schema().unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut report = sample::report();
    let check = |report: &Report| {
        let text = json::render(report).unwrap();
        assert!(text.ends_with("}\n"));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), *report);
        value
    };
    let value = check(&report);
    assert_eq!(value["score"]["steps"]["push-button"], 1);
    assert_eq!(value["steps"][12]["location"], serde_json::Value::Null);
    assert_eq!(value["practices"][0]["status"], "not-applicable");
    report.score = None;
    check(&report);
    let mut wrong = value;
    wrong["services"][0]["kind"] = "daemon".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn json_keys_stand_in_the_order_of_the_contract() {
    let text = json::render(&sample::report()).unwrap();
    let keys: Vec<&str> =
        text.lines().filter_map(|l| l.strip_prefix("  \"")).filter_map(|l| l.split_once('"').map(|(k, _)| k)).collect();
    let contract = "schema_version tool repository configuration score services environments steps disabled gates orphans replacements \
        replaceable practices drift unknowns diagnostics files suppressed";
    assert_eq!(keys.join(" "), contract);
}

#[test]
fn tiny_widths_are_survived() {
    let report = sample::report();
    for width in 0..30 {
        let look = Look { width: Some(width), ..Look::default() };
        render(&report, &Options { look, detail: Detail::Verbose, ..Options::default() });
        let service = &report.services[1];
        views::path(&report, service, look);
        views::why_not(&report, service, look);
        views::score(&report, look);
        views::explain(&report, &Target::parse("scripts/deploy.sh:12"), look);
    }
}
