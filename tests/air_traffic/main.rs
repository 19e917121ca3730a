//! The air-traffic-control example, whole: what it decodes, what its tracks are, and that they are the
//! same whichever host is killed.

mod feeds;
mod harness;
mod kills;
mod peer;
mod planted;
mod run;
mod simulated;
