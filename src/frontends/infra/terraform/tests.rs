#![allow(clippy::unwrap_used)]

use super::*;
use crate::catalogue::Catalogue;

fn program(files: &[(&str, &str)]) -> Program {
    let mut sources = SourceSet::default();
    for (path, text) in files {
        sources.add(path, text);
    }
    let mut program = Program::default();
    translate(&sources, Catalogue::embedded(), &mut program);
    program
}

#[test]
fn roots_are_told_from_modules() {
    let program = program(&[
        ("infra/main.tf", "module \"app\" {\n  source = \"./modules/app\"\n  environment = \"prod\"\n}\n"),
        ("infra/backend.tf", "terraform {\n  backend \"s3\" {}\n}\n"),
        ("infra/modules/app/a.tf", "module \"x\" {\n  source = \"../fn\"\n}\n"),
        ("infra/modules/fn/main.tf", "resource \"aws_lambda_function\" \"this\" {\n  function_name = \"${var.env}-report\"\n}\n"),
        ("infra/modules/unused/main.tf", "resource \"aws_s3_bucket\" \"b\" {}\n"),
        ("infra/prod.tfvars", "environment = \"prod\"\n"),
        ("infra/terraform.tfvars", "stage = \"live\"\n"),
        ("bare/variables.tf", "variable \"x\" {}\n"),
    ]);
    let dirs: Vec<_> = program.roots.keys().map(String::as_str).collect();
    assert_eq!(dirs, ["infra"]);
    let root = &program.roots["infra"];
    assert_eq!(root.modules, ["infra/modules/app", "infra/modules/fn"]);
    assert!(root.workloads && root.backend);
    assert_eq!(root.var_files, ["infra/prod.tfvars"]);
    let literals: Vec<_> = root.environment_literals.iter().map(|(n, v, _)| (n.as_str(), v.as_str())).collect();
    assert_eq!(literals, [("stage", "live"), ("environment", "prod")]);
    let applicable = &program.applicables[0];
    assert_eq!((applicable.path.as_str(), applicable.deploys, applicable.shared), ("infra", true, true));
    let unit = program.unit(applicable.unit);
    assert_eq!((unit.kind, unit.name.as_str(), unit.span.file.0), (UnitKind::TerraformRoot, "infra", 0));
    let workloads: Vec<_> = program.declarations.iter().filter(|d| d.kind == DeclarationKind::Workload).collect();
    assert_eq!((workloads.len(), workloads[0].name.as_str(), workloads[0].dir.as_str()), (1, "report", "infra/modules/fn"));
    let modules = program.declarations.iter().filter(|d| d.kind == DeclarationKind::Module).count();
    assert_eq!(modules, 4);
}

#[test]
fn a_task_definition_gives_its_images_to_its_service() {
    let program = program(&[(
        "main.tf",
        "locals { name = \"shop\" }
resource \"aws_ecr_repository\" \"r\" { name = \"team/shop\" }
resource \"aws_ecs_task_definition\" \"t\" {
  family = \"shop-task\"
  container_definitions = jsonencode([{ name = \"a\", image = \"${aws_ecr_repository.r.repository_url}:${var.tag}\" }])
}
resource \"aws_ecs_service\" \"s\" {
  name = local.name
  task_definition = aws_ecs_task_definition.t.arn
}
resource \"helm_release\" \"nginx\" {
  name = \"nginx\"
  repository = \"https://charts.example.org\"
}
",
    )]);
    assert_eq!(program.declarations.len(), 1);
    let service = &program.declarations[0];
    assert_eq!(service.name, "shop");
    assert_eq!(service.images, ["\u{fffc}/team/shop"]);
    assert_eq!(service.facts["type"], "aws_ecs_service");
}

#[test]
fn terragrunt_units_are_roots_and_their_parent_is_not() {
    let program = program(&[
        ("live/terragrunt.hcl", "remote_state {\n  backend = \"s3\"\n}\n"),
        (
            "live/prod/app/terragrunt.hcl",
            "include \"root\" {\n  path = find_in_parent_folders()\n}\nterraform {\n  source = \"../../../stacks//app\"\n}\ninputs = {\n  env = \"prod\"\n}\n",
        ),
        ("stacks/app/main.tf", "provider \"aws\" {}\nresource \"google_cloud_run_v2_service\" \"web\" {}\n"),
    ]);
    let dirs: Vec<_> = program.roots.keys().map(String::as_str).collect();
    assert_eq!(dirs, ["live/prod/app"]);
    let root = &program.roots["live/prod/app"];
    assert!(root.workloads);
    assert_eq!(root.environment_literals[0].1, "prod");
}

#[test]
fn a_broken_file_is_partly_read() {
    let program = program(&[("main.tf", "resource \"a\" \"b\" {}\nresource \"c\" {\n  x = = 1\n}\n")]);
    assert_eq!(program.partly_read.len(), 1);
    assert_eq!(program.diagnostics.len(), 1);
    assert_eq!(program.roots.len(), 1);
}

#[test]
fn modules_that_call_each_other_end() {
    let program = program(&[
        ("a/main.tf", "terraform {\n  cloud {}\n}\nmodule \"b\" {\n  source = \"../b\"\n}\n"),
        ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n"),
    ]);
    assert_eq!(program.roots["a"].modules, ["b"]);
}
