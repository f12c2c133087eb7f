# Writes OUTPUT, C source of `const char NAME[]` with the bytes of FILE and a zero. As numbers: no
# string of C may be as long as a text is.
#   cmake -DNAME= -DFILE= -DOUTPUT= -P embed_text.cmake
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
  "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "extern const char ${NAME}[];\nconst char ${NAME}[] = {\n${bytes}0};\n")
