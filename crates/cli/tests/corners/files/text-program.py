"""text-program-documentation@example.org"""
WHO = "text-program-string@example.org"  # text-program-comment@example.org
print(f"<text-program-format@example.org>", r'text-program-raw@example.org')
