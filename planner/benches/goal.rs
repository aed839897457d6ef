//! Times the reading of goals, up to a ticket of two kilobytes: `cargo bench -p provision-planner`.

use provision_planner::goal::parse;

/// A ticket as people write them; repeated until it has two kilobytes.
const PARAGRAPH: &str = "OPS-4711 New environment for the release train\n\
    Target: EKS\nRegion: Stockholm\nDomain: ci.fern.example\nHosted zone id: Z0FERN123456\nVisibility: only over the VPN\n\
    We talked about EC2 in Ireland before, but the team would rather have managed Kubernetes; \
    email should be enabled and sent from builds@fern.example, bounces go to ops@fern.example. \
    Please load the samples and the plugins, leave the compliance pack out and run the smoke test. \
    If it fails, retry up to three times. The bootstrap image can wait, we may need it next quarter.\n";

fn main() {
    divan::main();
}

#[divan::bench]
fn one_line(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(|| parse(divan::black_box("deploy to EKS in us-east-1 with email enabled")));
}

#[divan::bench]
fn ticket_of_two_kilobytes(bencher: divan::Bencher<'_, '_>) {
    let ticket = PARAGRAPH.repeat(2048 / PARAGRAPH.len() + 1);
    bencher.bench(|| parse(divan::black_box(&ticket[..2048])));
}
