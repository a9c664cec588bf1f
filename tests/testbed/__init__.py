"""Real servers for the demo and the integration tests: Kafka, PostgreSQL, a site server, a PKI.

Standard library only, Python 3.11 or newer, Linux. Everything that is started here ends with the
process that started it (context managers, and PR_SET_PDEATHSIG for the case that it is killed).
All files lie under build/testbed/.

    scripts/testbed --help      starts and stops a set of servers by hand
"""
