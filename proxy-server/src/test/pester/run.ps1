# Runs the tests of the PowerShell scripts. Exit code: the number of those that fail.
Import-Module Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.Exit = $true
$configuration.Output.RenderMode = 'Plaintext'
$configuration.Output.StackTraceVerbosity = 'FirstLine'
Invoke-Pester -Configuration $configuration
