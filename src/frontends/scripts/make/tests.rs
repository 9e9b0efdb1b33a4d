#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::model::{Command, HOLE, Scope};
use std::fmt::Write;

fn read(files: &[(&str, &str)]) -> (SourceSet, Program) {
    let mut sources = SourceSet::default();
    for (path, text) in files {
        sources.add(path, text);
    }
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    (sources, program)
}

fn unit<'a>(program: &'a Program, path: &str, name: &str) -> &'a Unit {
    program.unit(program.makefiles[path].target(name).unwrap())
}

fn scope(unit: &Unit) -> Scope {
    let mut scope = Scope::default();
    for (name, value) in &unit.bind {
        let value = value.eval(&scope);
        scope.set(name, value);
    }
    scope
}

/// Commands with their lines and words, evaluated with the unit's bindings.
fn commands(sources: &SourceSet, unit: &Unit) -> Vec<(u32, u32, String)> {
    fn collect<'a>(items: &'a [Item], out: &mut Vec<&'a Command>) {
        for item in items {
            match item {
                Item::Command(command) => out.push(command),
                Item::Block(block) => collect(&block.items, out),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(&unit.body, &mut found);
    let scope = scope(unit);
    found
        .into_iter()
        .map(|c| {
            let (first, last) = sources.file(c.span.file).line_range(c.span);
            (first, last, c.words.iter().map(|w| w.eval(&scope).shown()).collect::<Vec<_>>().join(" "))
        })
        .collect()
}

#[test]
fn targets_are_units_with_needs_bindings_and_the_folder_of_the_makefile() {
    let text = "TAG ?= dev\nIMAGE := shop:$(TAG)\nOTHER = x\n\nbuild: deps src/main.c\n\t@docker build -t $(IMAGE) .\ndeps:\nprod: TAG = 1.2\nprod:\n\tdocker push $(IMAGE) \\\n\t  && $(MAKE) deps\n";
    let (sources, program) = read(&[("svc/Makefile", text)]);
    let build = unit(&program, "svc/Makefile", "build");
    assert_eq!(build.dir, Some(Expr::lit("svc")));
    assert_eq!(
        build.needs.iter().map(|n| (n.name.as_str(), n.optional)).collect::<Vec<_>>(),
        [("deps", false), ("src/main.c", true)]
    );
    assert_eq!(build.bind.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["env.TAG", "env.IMAGE"]);
    assert_eq!(commands(&sources, build), [(6, 6, "docker build -t shop:dev .".to_owned())]);
    let prod = unit(&program, "svc/Makefile", "prod");
    assert_eq!(scope(prod).get("env.IMAGE").known(), Some("shop:1.2"));
    assert_eq!(commands(&sources, prod).into_iter().map(|c| c.2).collect::<Vec<_>>(), ["docker push shop:1.2", "make deps"]);
    assert_eq!(program.makefiles["svc/Makefile"].default.as_deref(), Some("build"));
}

#[test]
fn included_fragments_share_the_variables_and_folder_of_their_makefile() {
    let files = [
        ("Makefile", "ENV := staging\ninclude ops/*.mk\n-include $(shell pwd)/absent.mk\n"),
        (
            "ops/tf.mk",
            "TF = terraform -chdir=infra\nDEFAULT := $(ENV)\napply-%:\n\tcd x && $(TF) apply $*\nplain:\n\techo $(DEFAULT)\n",
        ),
        ("ops/lost/own.mk", "x:\n\ttrue\n"),
    ];
    let (sources, program) = read(&files);
    assert_eq!(program.makefiles["Makefile"].includes, [crate::model::targets::Include::plain("ops/tf.mk")]);
    let apply = unit(&program, "ops/tf.mk", "apply-%");
    assert_eq!(apply.dir, Some(Expr::lit("")));
    assert_eq!(scope(unit(&program, "ops/tf.mk", "plain")).get("env.DEFAULT").known(), Some("staging"));
    let found = commands(&sources, apply);
    assert_eq!(found.last().map(|c| c.2.starts_with("terraform -chdir=infra apply")), Some(true));
    assert!(matches!(&apply.body[0], Item::Block(b) if b.kind == BlockKind::Subshell));
    assert!(program.makefiles["ops/tf.mk"].included && !program.makefiles["Makefile"].included);
}

#[test]
fn conditional_values_and_recipes_depend_on_the_condition() {
    let text = "ifeq ($(ENV),prod)\nNS = live\nelse\nNS = test\nendif\nx:\nifdef FORCE\n\tkubectl delete ns $(NS)\nendif\n\tkubectl get ns $(NS)\n";
    let (_, program) = read(&[("Makefile", text)]);
    let unit = unit(&program, "Makefile", "x");
    let mut scope = Scope::default();
    scope.set("env.ENV", crate::model::Value::text("prod"));
    let ns = &unit.bind.iter().find(|(n, _)| n == "env.NS").unwrap().1;
    assert_eq!(ns.eval(&scope).known(), Some("live"));
    scope.set("env.ENV", crate::model::Value::text("qa"));
    assert_eq!(ns.eval(&scope).known(), Some("test"));
    assert!(matches!(&unit.body[0], Item::Block(b) if b.kind == BlockKind::Branch && b.when == Expr::Var("env.FORCE".into())));
}

#[test]
fn hostile_makefiles_end() {
    let mut chain = String::new();
    for i in 0..3000 {
        writeln!(chain, "A{i} = $(A{})$(A{})", i + 1, i + 1).unwrap();
    }
    chain.push_str("t: $(A0)\n\techo $(A0)\nA1 += $(A1)\nA1 := $(A1)$(A0)\n");
    let files = [("Makefile", chain.as_str()), ("a.mk", "include b.mk\n"), ("b.mk", "include a.mk\nx:\n\ty")];
    let (_, program) = read(&files);
    assert!(program.makefiles["b.mk"].target("x").is_some());
}

#[test]
fn what_make_functions_run_is_read_at_its_own_lines() {
    let text = "x:\n\t$(eval OUT='$(shell az deployment sub create \\\n\t\t-f $(F))')\n\t$(if $(OUT),,$(error no output))\n\techo $(shell git rev-parse HEAD) $(OUT)\n";
    let (sources, program) = read(&[("Makefile", text)]);
    let unit = unit(&program, "Makefile", "x");
    let shown: Vec<(u32, u32, String)> =
        commands(&sources, unit).into_iter().map(|(a, b, w)| (a, b, w.chars().take(13).collect())).collect();
    assert_eq!(
        shown,
        [
            (2, 3, "az deployment".to_owned()),
            (5, 5, "git rev-parse".to_owned()),
            (5, 5, format!("echo {} {}", crate::model::HOLE, crate::model::HOLE))
        ]
    );
    assert!(unit.body.iter().any(|i| matches!(i, Item::Assign { name, .. } if name == "env.OUT")));
}

#[test]
fn a_fragment_that_nothing_includes_works_where_the_makefile_above_it_does() {
    let (_, program) = read(&[("Makefile", "a:\n"), ("ops/k/x.mk", "watch-it:\n\tmake a\nb:\n")]);
    assert_eq!(unit(&program, "ops/k/x.mk", "b").dir, Some(Expr::lit("")));
    assert!(unit(&program, "ops/k/x.mk", "watch-it").local_only);
}

#[test]
fn values_that_the_shell_must_see_are_put_in_place() {
    let text = "DC := docker compose -f a.yml\nNAME = \"shop\"\nTTY := $(if $(CI),\"-i\",\"-it\")\nx:\n\tsudo $(DC) up && docker run $(TTY) --name $(NAME) img true\n";
    let (sources, program) = read(&[("Makefile", text)]);
    let unit = unit(&program, "Makefile", "x");
    let found = commands(&sources, unit);
    assert_eq!(found[0], (5, 5, "docker compose -f a.yml up".to_owned()));
    assert_eq!(found[1].2, "true");
}

#[test]
fn functions_and_targets_with_undecided_names_are_kept() {
    let text = ".ONESHELL:\nall: $(BINS)\n$(BINS): x\n\tgo build\nrun:\n\tup() { docker push a; }\n\tup\n";
    let (_, program) = read(&[("Makefile", text)]);
    assert_eq!(unit(&program, "Makefile", "all").needs[0].name, "$(BINS)");
    assert!(!unit(&program, "Makefile", "$(BINS)").body.is_empty());
    assert_eq!(unit(&program, "Makefile", "run").functions[0].0, "up");
    assert_eq!(program.makefiles["Makefile"].default.as_deref(), Some("all"));
}

#[test]
fn prerequisites_made_of_a_list_that_is_not_known_are_those_of_a_pattern() {
    let text = "ALL := $(notdir $(wildcard modules/*))\nall: $(patsubst %, check-%, $(ALL)) $(addprefix lint-, $(ALL)) $(sort b a)\ncheck-%:\n\tterraform -chdir=modules/$* validate\n";
    let (_, program) = read(&[("Makefile", text)]);
    let needs: Vec<&str> = unit(&program, "Makefile", "all").needs.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(needs[..2], [format!("check-{HOLE}"), format!("lint-{HOLE}")]);
    let found = crate::model::find_target(&program.makefiles, "Makefile", needs[0]);
    assert_eq!(found.and_then(|f| f.stem), Some(HOLE.to_string()));
}
