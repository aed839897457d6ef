//! Clones from repositories on this machine, fresh and over existing checkouts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use provision_executor::{ExecutorError, Fetched, Surroundings, fetch};
use provision_planner::plan::Bootstrap;

use crate::support::{control, scratch, script, variables};

/// A scratch folder with a repository `origin` of a small platform in it.
struct Site {
    dir: tempfile::TempDir,
    vars: BTreeMap<String, String>,
}

impl Site {
    fn new() -> Self {
        let dir = scratch();
        let mut vars = variables();
        vars.insert("HOME".to_owned(), dir.path().display().to_string());
        for name in ["AUTHOR", "COMMITTER"] {
            vars.insert(format!("GIT_{name}_NAME"), "Test".to_owned());
            vars.insert(format!("GIT_{name}_EMAIL"), "test@example.com".to_owned());
        }
        let site = Self { dir, vars };
        fs::create_dir(site.origin()).unwrap();
        site.git(&site.origin(), &["init", "--quiet", "--initial-branch=main"]);
        site.git(&site.origin(), &["config", "uploadpack.allowFilter", "true"]);
        for folder in ["deploy/bin", "deploy/aws/ec2", "deploy/aws/eks", "deploy/plugins", "docs"] {
            site.commit(&format!("{folder}/file"), "one");
        }
        site
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn origin(&self) -> PathBuf {
        self.path().join("origin")
    }

    fn checkout(&self) -> PathBuf {
        self.path().join("work/platform")
    }

    fn git(&self, dir: &Path, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(dir)
            .env_clear()
            .envs(&self.vars)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits a file to the origin and returns the commit.
    fn commit(&self, file: &str, text: &str) -> String {
        let path = self.origin().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        self.git(&self.origin(), &["add", "."]);
        self.git(&self.origin(), &["commit", "--quiet", "-m", file]);
        self.git(&self.origin(), &["rev-parse", "HEAD"])
    }

    fn wanted(&self, sparse: &[&str]) -> Bootstrap {
        Bootstrap {
            url: format!("file://{}", self.origin().display()),
            git_ref: "main".to_owned(),
            workdir: "work/platform".to_owned(),
            sparse: sparse.iter().map(|&folder| folder.to_owned()).collect(),
        }
    }

    async fn fetch(&self, wanted: &Bootstrap) -> Result<Fetched, ExecutorError> {
        let (control, progress) = (control(), |_| {});
        let surroundings = Surroundings {
            base: self.path(),
            environment: &self.vars,
            control: &control,
            progress: &progress,
        };
        fetch(wanted, &surroundings).await
    }

    fn has(&self, file: &str) -> bool {
        self.checkout().join(file).exists()
    }
}

#[tokio::test]
async fn a_fresh_clone_is_partial_shallow_and_holds_only_the_wanted_folders() {
    let site = Site::new();
    let fetched = site.fetch(&site.wanted(&["deploy/bin", "deploy/aws/ec2"])).await.unwrap();
    assert!(fetched.cloned && fetched.sparse);
    assert!(site.has("deploy/bin/file") && site.has("deploy/aws/ec2/file"));
    assert!(!site.has("deploy/aws/eks/file") && !site.has("docs/file"));
    let checkout = site.checkout();
    assert_eq!(site.git(&checkout, &["rev-list", "--count", "HEAD"]), "1");
    assert_eq!(site.git(&checkout, &["config", "remote.origin.partialclonefilter"]), "blob:none");
    assert_eq!(site.git(&checkout, &["rev-parse", "HEAD"]), fetched.commit);
}

#[tokio::test]
async fn a_relative_local_path_is_taken_as_a_repository() {
    let site = Site::new();
    let wanted = Bootstrap { url: "origin".to_owned(), ..site.wanted(&["deploy/bin"]) };
    site.fetch(&wanted).await.unwrap();
    assert!(site.has("deploy/bin/file"));
    assert!(!site.fetch(&wanted).await.unwrap().cloned, "the same path is recognised again");
}

#[tokio::test]
async fn an_existing_checkout_is_extended_and_moved_to_the_newest_commit() {
    let site = Site::new();
    site.fetch(&site.wanted(&["deploy/bin", "deploy/aws/ec2"])).await.unwrap();
    let newest = site.commit("deploy/bin/file", "two");
    let fetched = site.fetch(&site.wanted(&["deploy/bin", "deploy/plugins"])).await.unwrap();
    assert_eq!((fetched.cloned, fetched.unchanged, fetched.commit), (false, false, newest));
    assert_eq!(fs::read_to_string(site.checkout().join("deploy/bin/file")).unwrap(), "two");
    assert!(site.has("deploy/plugins/file") && site.has("deploy/aws/ec2/file"));
    assert!(site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap().unchanged);
}

#[tokio::test]
async fn a_tag_or_an_older_branch_can_be_wanted() {
    let site = Site::new();
    site.git(&site.origin(), &["tag", "v1"]);
    let tagged = site.git(&site.origin(), &["rev-parse", "HEAD"]);
    site.commit("deploy/bin/file", "two");
    let wanted = Bootstrap { git_ref: "v1".to_owned(), ..site.wanted(&["deploy/bin"]) };
    assert_eq!(site.fetch(&wanted).await.unwrap().commit, tagged);
    let none = Bootstrap { git_ref: "no-such-branch".to_owned(), ..site.wanted(&["deploy/bin"]) };
    let error = site.fetch(&none).await.unwrap_err().to_string();
    assert!(
        error.starts_with("git fetch failed (exit code 128)") && error.contains("no-such-branch"),
        "{error}"
    );
}

#[tokio::test]
async fn changed_files_are_not_lost_but_do_not_stop_a_checkout_that_need_not_move() {
    let site = Site::new();
    site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    let file = site.checkout().join("deploy/bin/file");
    fs::write(&file, "mine").unwrap();
    assert!(site.fetch(&site.wanted(&["deploy/bin", "deploy/plugins"])).await.unwrap().unchanged);
    assert!(site.has("deploy/plugins/file"));

    site.commit("deploy/bin/file", "two");
    let error = site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap_err();
    assert!(
        matches!(&error, ExecutorError::LocalChanges { what, .. } if what == "deploy/bin/file"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[tokio::test]
async fn an_untracked_file_in_the_way_is_not_overwritten() {
    let site = Site::new();
    site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    let file = site.checkout().join("deploy/bin/new");
    fs::write(&file, "mine").unwrap();
    site.commit("deploy/bin/new", "theirs");
    let error = site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap_err();
    assert!(
        matches!(&error, ExecutorError::LocalChanges { what, .. } if what == "deploy/bin/new"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[tokio::test]
async fn commits_of_ones_own_keep_a_name_or_stop_the_move() {
    let site = Site::new();
    site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    let checkout = site.checkout();
    fs::write(checkout.join("deploy/bin/file"), "mine").unwrap();
    site.git(&checkout, &["commit", "--quiet", "--all", "-m", "mine"]);
    site.commit("deploy/bin/file", "two");
    let error = site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap_err();
    assert!(
        matches!(&error, ExecutorError::LocalChanges { what, .. } if what.contains("which no branch holds")),
        "{error}"
    );

    let mine = site.git(&checkout, &["rev-parse", "HEAD"]);
    site.git(&checkout, &["switch", "--quiet", "--create", "mine"]);
    site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    assert_eq!(site.git(&checkout, &["rev-parse", "mine"]), mine);
    assert_eq!(fs::read_to_string(checkout.join("deploy/bin/file")).unwrap(), "two");
}

#[tokio::test]
async fn a_full_clone_stays_full() {
    let site = Site::new();
    fs::create_dir(site.path().join("work")).unwrap();
    site.git(
        site.path(),
        &["clone", "--quiet", &format!("file://{}", site.origin().display()), "work/platform"],
    );
    site.commit("docs/file", "two");
    let fetched = site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    assert!(!fetched.sparse);
    assert!(site.has("docs/file"));
    assert_eq!(site.git(&site.checkout(), &["rev-parse", "--is-shallow-repository"]), "false");
}

#[tokio::test]
async fn a_folder_that_holds_something_else_is_left_alone() {
    let site = Site::new();
    fs::create_dir_all(site.checkout()).unwrap();
    fs::write(site.checkout().join("thesis.tex"), "years of work").unwrap();
    let error = site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap_err();
    assert!(matches!(error, ExecutorError::NotACheckout { .. }), "{error}");

    let other = Site::new();
    other.fetch(&other.wanted(&["deploy/bin"])).await.unwrap();
    let wanted =
        Bootstrap { url: format!("file://{}", site.origin().display()), ..other.wanted(&["deploy/bin"]) };
    let error = other.fetch(&wanted).await.unwrap_err();
    assert!(matches!(error, ExecutorError::OtherRepository { .. }), "{error}");
}

#[tokio::test]
async fn a_folder_inside_another_checkout_is_not_taken_for_ours() {
    let site = Site::new();
    let inside = site.origin().join("deploy");
    let wanted = Bootstrap { workdir: inside.display().to_string(), ..site.wanted(&["deploy/bin"]) };
    let error = site.fetch(&wanted).await.unwrap_err();
    assert!(matches!(error, ExecutorError::NotACheckout { .. }), "{error}");
}

#[tokio::test]
async fn no_hook_runs_and_the_callers_repository_does_not_leak_in() {
    let mut site = Site::new();
    let template = site.path().join("template");
    let mark = site.path().join("hook-ran");
    script(&template, "hooks/post-checkout", &format!("touch '{}'", mark.display()));
    fs::write(site.path().join(".gitconfig"), format!("[init]\ntemplateDir = {}\n", template.display()))
        .unwrap();
    site.vars.insert("GIT_DIR".to_owned(), "/nonexistent/.git".to_owned());
    site.vars.insert("GIT_WORK_TREE".to_owned(), "/nonexistent".to_owned());
    site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    assert!(site.has("deploy/bin/file"));
    assert!(!mark.exists());
}

#[tokio::test]
async fn urls_and_refs_are_never_options_and_no_program_is_started_by_a_url() {
    let site = Site::new();
    let mark = site.path().join("pwned");
    let touch = format!("touch {}", mark.display());
    for url in [
        format!("--upload-pack={touch}"),
        format!("ext::sh -c '{touch}'"),
        format!("-oProxyCommand={touch}:x"),
    ] {
        let wanted = Bootstrap { url: url.clone(), ..site.wanted(&["deploy/bin"]) };
        assert!(site.fetch(&wanted).await.is_err(), "{url}");
        assert!(!mark.exists(), "{url}");
    }
    let wanted = Bootstrap { git_ref: format!("--upload-pack={touch}"), ..site.wanted(&["deploy/bin"]) };
    assert!(matches!(site.fetch(&wanted).await, Err(ExecutorError::BadRef { .. })));
    let wanted = site.wanted(&["--stdin"]);
    assert!(matches!(site.fetch(&wanted).await, Err(ExecutorError::BadSparsePath { .. })));
    assert!(!mark.exists());
}

#[tokio::test]
async fn an_old_git_gets_a_full_clone_and_no_git_is_said_plainly() {
    let mut site = Site::new();
    let bin = site.path().join("bin");
    let real = Command::new("bash").args(["-c", "command -v git"]).output().unwrap();
    let real = String::from_utf8(real.stdout).unwrap();
    let old = format!(
        "for word in \"$@\"; do [ \"$word\" = version ] && {{ echo 'git version 2.20.1'; exit 0; }}; done\nexec {} \"$@\"",
        real.trim()
    );
    script(&bin, "git", &old);
    let path = format!("{}:{}", bin.display(), site.vars["PATH"]);
    site.vars.insert("PATH".to_owned(), path);
    let fetched = site.fetch(&site.wanted(&["deploy/bin"])).await.unwrap();
    assert!(fetched.cloned && !fetched.sparse);
    assert!(site.has("docs/file"));

    site.vars.insert("PATH".to_owned(), "/nonexistent".to_owned());
    assert!(matches!(site.fetch(&site.wanted(&["deploy/bin"])).await, Err(ExecutorError::NoGit)));
}

#[tokio::test]
async fn a_clone_that_fails_says_why_and_leaves_nothing() {
    let site = Site::new();
    let wanted =
        Bootstrap { url: format!("file://{}/none", site.path().display()), ..site.wanted(&["deploy/bin"]) };
    let error = site.fetch(&wanted).await.unwrap_err().to_string();
    assert!(error.starts_with("git clone failed (exit code 128)") && error.contains("none"), "{error}");
    assert!(!site.checkout().exists());
}
