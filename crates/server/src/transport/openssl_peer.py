"""Asks a server over TLS, as OpenSSL does it: port, the groups of the key exchange, and the highest version.

Prints the version, the group that was agreed upon, and the first line of the answer; or `refused`.
"""

import socket
import sys

from OpenSSL import SSL

port, groups, version = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = SSL.Context(SSL.TLS_CLIENT_METHOD)
context.set_max_proto_version(SSL.TLS1_3_VERSION if version == "1.3" else SSL.TLS1_2_VERSION)
# "Curves" is what groups were called before TLS 1.3; pyOpenSSL has no other way to choose them.
if SSL._lib.SSL_CTX_set1_curves_list(context._context, groups.encode()) != 1:
    sys.exit(f"this OpenSSL does not know {groups}")
connection = SSL.Connection(context, socket.create_connection(("127.0.0.1", port), timeout=20))
connection.get_context()
connection.setblocking(1)
connection.set_tlsext_host_name(b"localhost")
connection.set_connect_state()
try:
    connection.do_handshake()
    connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    answer = connection.recv(4096).split(b"\r\n")[0].decode()
    print(connection.get_protocol_version_name(), connection.get_group_name(), answer, sep=" | ")
except SSL.Error:
    print("refused")
