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

#[test]
fn local_commands_of_a_root_and_its_modules_are_read() {
    let program = program(&[
        (
            "infra/main.tf",
            "terraform {
  backend \"s3\" {}
}
module \"m\" { source = \"./m\" }
resource \"null_resource\" \"a\" {
  provisioner \"local-exec\" {
    command = <<-EOT
      kubectl apply -f ${path.module}/k8s.yaml
    EOT
  }
  provisioner \"local-exec\" {
    when    = destroy
    command = \"kubectl delete ns x\"
  }
  provisioner \"local-exec\" {
    interpreter = [\"python3\", \"-c\"]
    command     = \"print(1)\"
  }
}
",
        ),
        (
            "infra/m/main.tf",
            "resource \"null_resource\" \"b\" {\n  provisioner \"local-exec\" {\n    command = \"make -C ${path.module} build\"\n  }\n}\n",
        ),
    ]);
    let unit = program.unit(program.applicables[0].unit);
    let commands: Vec<_> = unit
        .body
        .iter()
        .filter_map(|i| match i {
            crate::model::Item::Block(block) => block.items.iter().find_map(|i| match i {
                crate::model::Item::Command(command) => Some(command),
                _ => None,
            }),
            _ => None,
        })
        .collect();
    assert_eq!(commands.len(), 2);
    let words = |n: usize| commands[n].words.iter().map(|w| w.literal().unwrap_or("?").to_owned()).collect::<Vec<_>>().join(" ");
    assert_eq!(words(0), "kubectl apply -f ./k8s.yaml");
    assert_eq!(words(1), "make -C m build");
}

#[test]
fn a_workload_that_a_module_s_caller_names_is_one_for_each_call() {
    let program = program(&[
        (
            "main.tf",
            "provider \"aws\" {}\nlocals {\n  web = \"web\"\n}\nmodule \"a\" {\n  source = \"./service\"\n  name = local.web\n}\nmodule \"b\" {\n  source = \"./service\"\n  name = \"worker\"\n}\n",
        ),
        ("service/main.tf", "resource \"aws_ecs_service\" \"this\" {\n  name = var.name\n}\n"),
    ]);
    let workloads: Vec<_> = program.declarations.iter().filter(|d| d.kind == DeclarationKind::Workload).collect();
    let named: Vec<_> = workloads.iter().map(|d| (d.name.as_str(), d.dir.as_str())).collect();
    assert_eq!(named, [("web", ""), ("worker", "")]);
}
