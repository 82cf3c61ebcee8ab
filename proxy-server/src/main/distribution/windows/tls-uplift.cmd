@echo off
rem Runs TLS Uplift with the Java of JAVA_HOME or of the PATH, version 17 or later.
rem JAVA_OPTS and TLS_UPLIFT_OPTS have more options for the JVM, such as -Xmx256m; they override those of lib\jvm.options.
setlocal
set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if not defined TLS_UPLIFT_CONFIG if exist "%ProgramData%\TLS Uplift\tls-uplift.yaml" set "TLS_UPLIFT_CONFIG=%ProgramData%\TLS Uplift\tls-uplift.yaml"
rem Java would warn about an option that is for Linux.
"%java%" "@%~dp0..\lib\jvm.options" -XX:TrimNativeHeapInterval=0 -XX:TieredStopAtLevel=1 %JAVA_OPTS% %TLS_UPLIFT_OPTS% -jar "%~dp0..\lib\tls-uplift.jar" %*
exit /b %ERRORLEVEL%
