//! Facts about this machine that a plan is made from: where the checkout is, small files in it, bound ports.

use std::fs::File;
use std::io::Read as _;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::ExecutorError;

/// The platform's checkout: `workdir` if given, else the nearest folder from `start` upward that has
/// `deploy/bin` and the target's `folder`.
pub fn find_checkout(start: &Path, workdir: Option<&Path>, folder: &str) -> Option<PathBuf> {
    let holds = |root: &Path| root.join("deploy/bin").is_dir() && root.join(folder).is_dir();
    match workdir {
        Some(workdir) => Some(start.join(workdir)).filter(|root| holds(root)),
        None => start.ancestors().find(|root| holds(root)).map(Path::to_owned),
    }
}

/// Reads a text file of at most `limit` bytes; `None` if it is not there. Bytes that are not UTF-8 are replaced.
///
/// # Errors
/// [`ExecutorError::File`] if it cannot be read or is larger.
pub fn read_small(path: &Path, limit: u64) -> Result<Option<String>, ExecutorError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ExecutorError::file("open", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(ExecutorError::file("read", path))?;
    if bytes.len() as u64 > limit {
        let error =
            std::io::Error::new(std::io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes"));
        return Err(ExecutorError::file("read", path)(error));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Those of `ports` on which something of this machine already listens.
pub fn bound_ports(ports: &[u16]) -> Vec<u16> {
    ports.iter().copied().filter(|&port| listens(port)).collect()
}

/// Whether a connection to the port is accepted. Connecting, not binding: it needs no privilege and takes nothing.
fn listens(port: u16) -> bool {
    let addresses =
        [SocketAddr::from((Ipv4Addr::LOCALHOST, port)), SocketAddr::from((Ipv6Addr::LOCALHOST, port))];
    addresses.iter().any(|address| TcpStream::connect_timeout(address, Duration::from_millis(200)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("deploy/bin")).unwrap();
        std::fs::create_dir_all(root.path().join("deploy/aws/ec2/bin")).unwrap();
        root
    }

    #[test]
    fn a_checkout_is_found_from_a_folder_inside_it() {
        let root = checkout();
        let inside = root.path().join("deploy/aws/ec2/bin");
        assert_eq!(find_checkout(&inside, None, "deploy/aws/ec2").as_deref(), Some(root.path()));
        assert_eq!(find_checkout(&inside, None, "deploy/aws/eks"), None);
    }

    #[test]
    fn a_given_workdir_is_the_only_place_looked_at() {
        let root = checkout();
        let elsewhere = tempfile::tempdir().unwrap();
        let found = find_checkout(elsewhere.path(), Some(root.path()), "deploy/aws/ec2");
        assert_eq!(found.as_deref(), Some(root.path()));
        assert_eq!(find_checkout(root.path(), Some(elsewhere.path()), "deploy/aws/ec2"), None);
    }

    #[test]
    fn a_file_beyond_the_limit_is_an_error_and_a_missing_one_is_not() {
        let root = checkout();
        let path = root.path().join("docker-compose.yml");
        std::fs::write(&path, "services: {}").unwrap();
        assert_eq!(read_small(&path, 100).unwrap().as_deref(), Some("services: {}"));
        assert!(read_small(&path, 5).is_err());
        assert!(read_small(&root.path().join("none"), 5).unwrap().is_none());
    }

    #[test]
    fn only_ports_that_something_listens_on_are_bound() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(bound_ports(&[port]), [port]);
        drop(listener);
        assert!(bound_ports(&[port]).is_empty());
    }
}
