//! `.env` from `.env.example`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use provision_executor::{EnvFile, create_env_file};

use crate::support::scratch;

const EXAMPLE: &str = "\
# database
POSTGRES_PASSWORD=CHANGE_ME
DATABASE_URL=postgres://app:CHANGE_ME@db:5432/app
JWT_SECRET=CHANGE_ME_generate_with_openssl
REFRESH_SECRET=CHANGE_ME_generate_with_openssl
DO_NOT_CHANGE_ME=kept
PLAIN=value
";

/// The file's values by name.
fn values(text: &str) -> Vec<(&str, &str)> {
    text.lines().filter_map(|line| line.split_once('=')).collect()
}

#[test]
fn bare_placeholders_share_one_value_and_suffixed_ones_get_their_own() {
    let dir = scratch();
    fs::write(dir.path().join(".env.example"), EXAMPLE).unwrap();
    let EnvFile::Created { secrets } = create_env_file(dir.path()).unwrap() else { panic!("not created") };
    let text = fs::read_to_string(dir.path().join(".env")).unwrap();
    let values = values(&text);
    let password = values[0].1;
    assert_eq!(values[1].1, format!("postgres://app:{password}@db:5432/app"));
    let own = [password, values[2].1, values[3].1];
    for value in own {
        assert!(value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{value}");
    }
    assert!(own[0] != own[1] && own[1] != own[2] && own[0] != own[2], "{own:?}");
    assert_eq!((values[4], values[5]), (("DO_NOT_CHANGE_ME", "kept"), ("PLAIN", "value")));
    let known: Vec<&str> = secrets.iter().map(provision_planner::Secret::expose).collect();
    assert!(own.iter().all(|value| known.contains(value)), "every generated value is told, to be masked");
}

#[test]
fn the_file_is_for_its_owner_only_and_nothing_else_is_left_behind() {
    let dir = scratch();
    fs::write(dir.path().join(".env.example"), EXAMPLE).unwrap();
    create_env_file(dir.path()).unwrap();
    let mode = fs::metadata(dir.path().join(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".env", ".env.example"]);
}

#[test]
fn an_existing_file_is_never_touched_not_even_a_dangling_link() {
    let dir = scratch();
    fs::write(dir.path().join(".env.example"), EXAMPLE).unwrap();
    fs::write(dir.path().join(".env"), "MINE=1\n").unwrap();
    assert!(matches!(create_env_file(dir.path()).unwrap(), EnvFile::Kept));
    assert_eq!(fs::read_to_string(dir.path().join(".env")).unwrap(), "MINE=1\n");

    fs::remove_file(dir.path().join(".env")).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join(".env")).unwrap();
    assert!(matches!(create_env_file(dir.path()).unwrap(), EnvFile::Kept));
    assert!(!dir.path().join("nowhere").exists());
}

#[test]
fn without_an_example_there_is_nothing_to_create() {
    let dir = scratch();
    assert!(matches!(create_env_file(dir.path()).unwrap(), EnvFile::NoExample));
    assert!(!dir.path().join(".env").exists());
}
